import fc from "fast-check";
import { Mask } from "./mask.js";

/** A bitmap as the oracles see it: row-major `[height, width]` of 0 and 1. */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export function bitmapOf(mask: Mask): Bitmap {
  return { width: mask.width, height: mask.height, pixels: mask.toBitmap() };
}

export function maskOf({ width, height, pixels }: Bitmap): Mask {
  return Mask.fromBitmap(pixels, width, height);
}

/** Builds a bitmap pixel by pixel. */
export function drawBitmap(width: number, height: number, isSet: (x: number, y: number) => boolean): Bitmap {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels[y * width + x] = isSet(x, y) ? 1 : 0;
  return { width, height, pixels };
}

export function drawMask(width: number, height: number, isSet: (x: number, y: number) => boolean): Mask {
  return maskOf(drawBitmap(width, height, isSet));
}

/** A small generator of its own, so that a failing case is named by its seed alone. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Texture = "empty" | "full" | "noise" | "sparse" | "rectangles" | "discs" | "checkers";

function paint(width: number, height: number, texture: Texture, seed: number): Mask {
  const random = randomNumbers(seed);
  switch (texture) {
    case "empty":
      return Mask.empty(width, height);
    case "full":
      return Mask.full(width, height);
    case "noise":
      return drawMask(width, height, () => random() < 0.5);
    case "sparse":
      return drawMask(width, height, () => random() < 0.1);
    case "checkers":
      return drawMask(width, height, (x, y) => (x + y) % 2 === 0);
    case "rectangles":
    case "discs": {
      const shapes = Array.from({ length: 4 }, () => ({
        x: random() * width,
        y: random() * height,
        across: (random() * width) / 2,
        down: (random() * height) / 2,
        erase: random() < 0.3,
      }));
      return drawMask(width, height, (x, y) => {
        let set = false;
        for (const shape of shapes) {
          const dx = Math.abs(x - shape.x) / (shape.across + 0.5);
          const dy = Math.abs(y - shape.y) / (shape.down + 0.5);
          if (texture === "discs" ? dx * dx + dy * dy <= 1 : Math.max(dx, dy) <= 1) set = !shape.erase;
        }
        return set;
      });
    }
  }
}

const textures = fc.constantFrom<Texture>(
  "empty",
  "full",
  "noise",
  "sparse",
  "rectangles",
  "discs",
  "checkers",
);
const side = (maximum: number) => fc.oneof(fc.constant(1), fc.integer({ min: 1, max: maximum }));

/** Masks of many kinds, one-pixel rows and columns included. */
export function arbitraryMask(maxSide = 24): fc.Arbitrary<Mask> {
  return fc
    .tuple(side(maxSide), side(maxSide), textures, fc.nat())
    .map(([width, height, texture, seed]) => paint(width, height, texture, seed));
}

/** Several masks of one size. */
export function arbitraryMasks(
  count: { readonly min: number; readonly max: number },
  maxSide = 24,
): fc.Arbitrary<Mask[]> {
  return fc
    .tuple(
      side(maxSide),
      side(maxSide),
      fc.array(fc.tuple(textures, fc.nat()), { minLength: count.min, maxLength: count.max }),
    )
    .map(([width, height, kinds]) => kinds.map(([texture, seed]) => paint(width, height, texture, seed)));
}

/** A disc (a polygon of 360 corners) in a picture too large to draw pixel by pixel in a test. */
export function discMask(
  width: number,
  height: number,
  centreX: number,
  centreY: number,
  radius: number,
): Mask {
  const outer = Array.from({ length: 360 }, (_, degree) => ({
    x: centreX + radius * Math.cos((degree * Math.PI) / 180),
    y: centreY + radius * Math.sin((degree * Math.PI) / 180),
  }));
  return Mask.fromPolygons([{ outer }], width, height);
}
