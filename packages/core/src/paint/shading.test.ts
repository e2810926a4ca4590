import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { formatColor } from "./color.js";
import {
  LIGHTNESS_STEPS,
  lightnessStep,
  linearOfOklab,
  oklabOfBytes,
  srgbOfLinear,
  srgbOfOklab,
} from "./oklab.js";
import { paint } from "./paint.js";
import { shadedLightness } from "./shading.js";
import { randomNumbers } from "./test-support.js";

/** A wall of one colour under light that rises from left to right, with a texture of given relative contrast. */
function litWall(color: readonly [number, number, number], contrast: number, seed = 1): RgbaImage {
  const [width, height] = [64, 64];
  const random = randomNumbers(seed);
  const data = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const light = (0.55 + (0.4 * (pixel % width)) / width) * (1 + contrast * (random() - 0.5));
    for (let channel = 0; channel < 3; channel++) {
      const linear = (color[channel]! / 255) ** 2.2 * light;
      data[pixel * 4 + channel] = Math.round(srgbOfLinear(linear));
    }
    data[pixel * 4 + 3] = 255;
  }
  return { width, height, data };
}

const lightnessAt = (image: RgbaImage, pixel: number): number =>
  oklabOfBytes(image.data[pixel * 4]!, image.data[pixel * 4 + 1]!, image.data[pixel * 4 + 2]!).lightness;

const median = (values: number[]): number =>
  values.sort((first, second) => first - second)[values.length >> 1]!;

const lightnesses = (image: RgbaImage): number[] =>
  Array.from({ length: image.width * image.height }, (_, pixel) => lightnessAt(image, pixel));

describe("OKLab", () => {
  it("has the values of Ottosson's table, and goes back", () => {
    // Linear sRGB white, and the primaries, from the reference implementation's published examples.
    expect(oklabOfBytes(255, 255, 255).lightness).toBeCloseTo(1, 4);
    expect(oklabOfBytes(255, 0, 0)).toMatchObject({
      lightness: expect.closeTo(0.62796, 4),
      a: expect.closeTo(0.22486, 4),
      b: expect.closeTo(0.12585, 4),
    });
    expect(oklabOfBytes(0, 0, 255)).toMatchObject({
      lightness: expect.closeTo(0.45201, 4),
      a: expect.closeTo(-0.03246, 4),
      b: expect.closeTo(-0.31153, 4),
    });
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), (red, green, blue) => {
        const back = linearOfOklab(oklabOfBytes(red, green, blue)).map(srgbOfLinear);
        [red, green, blue].forEach((value, channel) => expect(back[channel]).toBeCloseTo(value, 1));
      }),
    );
  });

  it("brings colours into sRGB without turning hue or lightness", () => {
    const [red, green, blue] = srgbOfOklab({ lightness: 0.6, a: 0.3, b: 0.2 });
    const back = oklabOfBytes(Math.round(red), Math.round(green), Math.round(blue));
    expect(back.lightness).toBeCloseTo(0.6, 2);
    expect(Math.atan2(back.b, back.a)).toBeCloseTo(Math.atan2(0.2, 0.3), 1);
  });

  it("finds lightness by tables within 0.008", () => {
    for (let red = 0; red < 256; red += 15) {
      for (let green = 0; green < 256; green += 15) {
        for (let blue = 0; blue < 256; blue += 15) {
          const exact = oklabOfBytes(red, green, blue).lightness;
          expect(Math.abs(lightnessStep(red, green, blue) / LIGHTNESS_STEPS - exact)).toBeLessThan(
            red === green && green === blue ? 0.002 : 0.008,
          );
        }
      }
    }
  });
});

describe("shadedLightness", () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });

  it("rises with the wall's lightness and stays in range", () => {
    fc.assert(
      fc.property(share, share, share, share, (first, second, medianWall, paintLightness) => {
        const [darker, lighter] = first < second ? [first, second] : [second, first];
        const low = shadedLightness(darker, medianWall, paintLightness);
        const high = shadedLightness(lighter, medianWall, paintLightness);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
      }),
      { numRuns: 2000 },
    );
  });

  it("puts the median of the wall at the lightness of the paint, and keeps black", () => {
    for (const wall of [0.2, 0.5, 0.7, 0.92]) {
      for (const paintLightness of [0.2, 0.4, 0.6, 0.9]) {
        expect(shadedLightness(wall, wall, paintLightness)).toBeCloseTo(paintLightness, 6);
        expect(shadedLightness(0, wall, paintLightness)).toBe(0);
      }
    }
  });

  it("rises with the paint's lightness", () => {
    for (let wall = 0; wall <= 1; wall += 0.05) {
      for (let paintLightness = 0.15; paintLightness < 0.95; paintLightness += 0.05) {
        const lighter = shadedLightness(wall, 0.7, paintLightness + 0.05);
        // Gloss takes the wall's own lightness, so there the two may meet.
        expect(lighter).toBeGreaterThanOrEqual(shadedLightness(wall, 0.7, paintLightness) - 1e-9);
      }
    }
  });
});

describe("keepShading", () => {
  const walls: [string, readonly [number, number, number]][] = [
    ["white", [240, 238, 232]],
    ["beige", [200, 180, 150]],
    ["dark", [60, 62, 66]],
  ];
  const paints = ["#1f3a5f", "#c0392b", "#5d7a5a", "#f4f1ea", "#20201f", "#e8c9a0"];
  const cases = walls.flatMap(([name, wall]) => paints.map((color) => [name, color, wall] as const));

  it.each(cases)("on a %s wall %s becomes the median", (_name, color, wall) => {
    const image = litWall(wall, 0.2);
    const result = paint(image, [{ mask: Mask.full(64, 64), color, keepShading: true }]);
    const wanted = [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16)) as [
      number,
      number,
      number,
    ];
    expect(Math.abs(median(lightnesses(result)) - oklabOfBytes(...wanted).lightness)).toBeLessThan(0.02);
  });

  it.each(cases)(
    "on a %s wall keeps the order of light and its contrast within 0.45 to 1.6 for %s",
    (_name, color, wall) => {
      const image = litWall(wall, 0.2);
      const result = paint(image, [{ mask: Mask.full(64, 64), color, keepShading: true }]);
      const before = lightnesses(image);
      const after = lightnesses(result);
      const order = before.map((_, pixel) => pixel).sort((first, second) => before[first]! - before[second]!);
      for (let index = 200; index < order.length; index++) {
        // 0.01 allows for rounding to bytes.
        expect(after[order[index]!]! - after[order[index - 200]!]!).toBeGreaterThan(-0.01);
      }
      // Relative spread of lightness around the median: what the eye takes for texture and light.
      const spread = (values: number[]): number => {
        const sorted = [...values].sort((first, second) => first - second);
        const at = (position: number) => sorted[Math.floor(position * (sorted.length - 1))]!;
        return (at(0.9) - at(0.1)) / at(0.5);
      };
      const ratio = spread(after) / spread(before);
      expect(ratio).toBeLessThan(1.6);
      // White paint has little room above: what it loses there is the price of being white.
      expect(ratio).toBeGreaterThan(color === "#f4f1ea" ? 0.35 : 0.45);
    },
  );

  it.each(["#1f3a5f", "#c0392b", "#5d7a5a", "#d8a23a"])(
    "keeps the hue of %s under all light of a gray wall",
    (color) => {
      const image = litWall([230, 230, 230], 0.1);
      const result = paint(image, [{ mask: Mask.full(64, 64), color, keepShading: true }]);
      const own = oklabOfBytes(
        ...([1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16)) as [
          number,
          number,
          number,
        ]),
      );
      const hue = Math.atan2(own.b, own.a);
      for (let pixel = 0; pixel < 64 * 64; pixel += 7) {
        const { a, b } = oklabOfBytes(
          result.data[pixel * 4]!,
          result.data[pixel * 4 + 1]!,
          result.data[pixel * 4 + 2]!,
        );
        const turn = Math.atan2(b, a) - hue;
        expect(Math.abs(Math.atan2(Math.sin(turn), Math.cos(turn)))).toBeLessThan(0.12);
      }
    },
  );

  it("mixes with plain paint by its strength, and does nothing at 0", () => {
    const image = litWall([240, 238, 232], 0.2);
    const mask = Mask.full(64, 64);
    const plain = paint(image, [{ mask, color: "#406080" }]);
    expect(paint(image, [{ mask, color: "#406080", keepShading: 0 }]).data).toEqual(plain.data);
    expect(paint(image, [{ mask, color: "#406080", keepShading: false }]).data).toEqual(plain.data);
    const full = paint(image, [{ mask, color: "#406080", keepShading: 1 }]);
    expect(paint(image, [{ mask, color: "#406080", keepShading: true }]).data).toEqual(full.data);
    const half = paint(image, [{ mask, color: "#406080", keepShading: 0.5 }]);
    half.data.forEach((value, index) => {
      expect(Math.abs(value - (plain.data[index]! + full.data[index]!) / 2)).toBeLessThanOrEqual(2);
    });
  });

  it("shades gradients and patterns too", () => {
    const image = litWall([240, 238, 232], 0);
    const mask = Mask.full(64, 64);
    const stripes = { width: 1, height: 2, data: Uint8Array.of(40, 60, 120, 255, 200, 190, 120, 255) };
    const result = paint(image, [{ mask, pattern: { image: stripes }, keepShading: true }]);
    for (const y of [10, 11]) {
      expect(lightnessAt(result, y * 64 + 60)).toBeGreaterThan(lightnessAt(result, y * 64 + 3) + 0.03);
    }
    expect(lightnessAt(result, 11 * 64 + 30)).toBeGreaterThan(lightnessAt(result, 10 * 64 + 30));
    const gradient = {
      type: "linear",
      stops: [
        { at: 0, color: "#803020" },
        { at: 1, color: "#205080" },
      ],
    } as const;
    const washed = paint(image, [{ mask, gradient, keepShading: true }]);
    expect(lightnessAt(washed, 20 * 64 + 60)).toBeGreaterThan(lightnessAt(washed, 20 * 64 + 3));
  });

  it("takes regions without pixels or without colour", () => {
    const clear = { width: 3, height: 1, data: new Uint8Array(12) };
    const result = paint(clear, [{ mask: Mask.full(3, 1), color: "#ff0000", keepShading: true }]);
    expect(Array.from(result.data.subarray(0, 4))).toEqual([255, 0, 0, 255]);
    const black = { width: 1, height: 1, data: Uint8Array.of(0, 0, 0, 255) };
    expect(paint(black, [{ mask: Mask.full(1, 1), color: "white", keepShading: true }]).data[3]).toBe(255);
    expect(formatColor({ red: 1, green: 2, blue: 3, alpha: 1 })).toBe("#010203");
  });
});
