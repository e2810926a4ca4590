// @ts-check
import { Mask, paint } from "@maskery/node";
import { measure } from "../masks/measure.mjs";

/** @import { PaintLayer, RgbaImage } from "@maskery/node" */

const width = 1920;
const height = 1080;
const OPACITY = 0.8;

/** @type {RgbaImage} */
const image = {
  width,
  height,
  data: Uint8Array.from({ length: width * height * 4 }, (_, index) =>
    index % 4 === 3 ? 255 : (index * 31) % 251,
  ),
};
const bitmap = Uint8Array.from({ length: width * height }, (_, index) => {
  const [x, y] = [index % width, Math.floor(index / width)];
  return ((x - 960) / 560) ** 2 + ((y - 540) / 365) ** 2 < 1 ? 1 : 0;
});
const mask = Mask.fromBitmap(bitmap, width, height);
const color = "#c0392b";

function plainLoop() {
  const data = new Uint8Array(image.data);
  for (let pixel = 0; pixel < bitmap.length; pixel++) {
    if (!bitmap[pixel]) continue;
    const start = pixel * 4;
    data[start] = (1 - OPACITY) * /** @type {number} */ (data[start]) + OPACITY * 192;
    data[start + 1] = (1 - OPACITY) * /** @type {number} */ (data[start + 1]) + OPACITY * 57;
    data[start + 2] = (1 - OPACITY) * /** @type {number} */ (data[start + 2]) + OPACITY * 43;
  }
  return data;
}

const stops = [
  { at: 0, color },
  { at: 1, color: "#2e6f57" },
];
const gradient = /** @type {const} */ ({ type: "linear", angle: 90, stops });
const tile = { width: 64, height: 48, data: image.data.slice(0, 64 * 48 * 4) };

/** @type {Record<string, Omit<PaintLayer, "mask">>} */
const layers = {
  normal: { color },
  multiply: { color, blend: "multiply" },
  "soft-light": { color, blend: "soft-light" },
  hue: { color, blend: "hue" },
  saturation: { color, blend: "saturation" },
  color: { color, blend: "color" },
  luminosity: { color, blend: "luminosity" },
  "keep shading": { color, keepShading: true },
  "keep shading, multiply": { color, keepShading: true, blend: "multiply" },
  "keep shading, hue": { color, keepShading: true, blend: "hue" },
  "linear gradient": { gradient },
  "radial gradient": { gradient: { type: "radial", stops } },
  pattern: { pattern: { image: tile } },
  "gradient, multiply": { gradient, blend: "multiply" },
  "gradient, luminosity": { gradient, blend: "luminosity" },
  "gradient, keep shading": { gradient, keepShading: true },
  "pattern, keep shading": { pattern: { image: tile }, keepShading: true },
  "feather 2": { color, feather: 2 },
  "feather 10": { color, feather: 10 },
  "feather 2, keep shading": { color, feather: 2, keepShading: true },
};

console.log(`${mask.area} pixels of ${width} × ${height}`);
for (const [name, layer] of Object.entries(layers)) {
  const painted = /** @type {PaintLayer} */ ({ ...layer, mask, opacity: OPACITY });
  const times = await measure({ paint: () => paint(image, [painted]), plain: plainLoop }, { turns: 9 });
  const [paintMs, plainMs] = [times["paint"] ?? Number.NaN, times["plain"] ?? Number.NaN];
  console.log(
    `${name.padEnd(24)} ${paintMs.toFixed(1).padStart(6)} ms, plain loop ${plainMs.toFixed(1)} ms, ratio ${(paintMs / plainMs).toFixed(2)}`,
  );
}
