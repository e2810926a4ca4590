import { applyRecipe, Mask, parseRecipe, type RgbaImage } from "@maskery/core";

const width = 64;
const height = 48;

/** A lit, textured wall with a coloured half, so that every table of the painter is used. */
function wall(): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = 60 + 2.6 * x + ((x * 7 + y * 13) % 11);
      const start = (y * width + x) * 4;
      data[start] = Math.min(255, light);
      data[start + 1] = Math.min(255, y < height / 2 ? light * 0.9 : light * 0.5);
      data[start + 2] = Math.min(255, light * 0.8);
      data[start + 3] = x === 5 ? 128 : 255;
    }
  }
  return { width, height, data };
}

function disc(centreX: number, centreY: number, radius: number): Mask {
  const bitmap = new Uint8Array(width * height);
  for (let pixel = 0; pixel < bitmap.length; pixel++) {
    const inside = Math.hypot((pixel % width) - centreX, Math.floor(pixel / width) - centreY) <= radius;
    bitmap[pixel] = inside ? 1 : 0;
  }
  return Mask.fromBitmap(bitmap, width, height);
}

/** Paints one recipe with every kind of layer, from its JSON text, wherever this runs. @returns The RGBA bytes. */
export async function paintTestScene(): Promise<Uint8Array> {
  const inline = (mask: Mask) => mask.toCocoRle();
  const recipe = {
    version: 1,
    layers: [
      { mask: inline(disc(20, 20, 15)), color: "#1f3a5f", keepShading: true },
      {
        mask: inline(disc(40, 24, 18)),
        color: "rebeccapurple",
        opacity: 0.6,
        blend: "soft-light",
        feather: 3,
      },
      { mask: inline(disc(30, 34, 12)), color: "hsl(40 80% 50%)", opacity: 0.8, blend: "luminosity" },
      {
        mask: inline(disc(50, 14, 12)),
        gradient: {
          type: "linear",
          angle: 60,
          stops: [
            { at: 0, color: "#c0392b" },
            { at: 1, color: "#2e6f5780" },
          ],
        },
        keepShading: 0.5,
      },
      { mask: inline(disc(12, 40, 9)), pattern: { image: "tiles", scale: 1.5 }, blend: "multiply" },
    ],
  };
  const tiles: RgbaImage = {
    width: 4,
    height: 4,
    data: Uint8Array.from({ length: 64 }, (_, index) => (index * 53) % 256),
  };
  const parsed = parseRecipe(JSON.parse(JSON.stringify(recipe)));
  const painted = await applyRecipe(wall(), parsed, {
    resolveImage: (name) => (name === "tiles" ? tiles : undefined),
  });
  return new Uint8Array(painted.data);
}
