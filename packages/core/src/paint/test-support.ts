import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";

/** A small generator of repeatable numbers in 0..1 (mulberry32), so that a failing seed can be run again. */
export function randomNumbers(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A mask of random size up to `maxSide`, from almost empty to almost full, in specks or in blobs with holes. */
export function randomMask(seed: number, maxSide = 24): Mask {
  const random = randomNumbers(seed);
  const width = 1 + Math.floor(random() * maxSide);
  const height = 1 + Math.floor(random() * maxSide);
  return randomMaskOfSize(seed, width, height);
}

export function randomMaskOfSize(seed: number, width: number, height: number): Mask {
  const random = randomNumbers(seed + 7919);
  const share = random();
  const cell = random() < 0.5 ? 1 : 1 + Math.floor(random() * 6);
  const columns = Math.ceil(width / cell);
  const cells = Array.from({ length: columns * Math.ceil(height / cell) }, () => (random() < share ? 1 : 0));
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      bitmap[y * width + x] = cells[Math.floor(y / cell) * columns + Math.floor(x / cell)]!;
  }
  return Mask.fromBitmap(bitmap, width, height);
}

/** Random pixels; solid unless `alpha` is set. */
export function randomImage(seed: number, width: number, height: number, alpha = false): RgbaImage {
  const random = randomNumbers(seed + 104729);
  const data = new Uint8Array(width * height * 4);
  for (let index = 0; index < data.length; index++) data[index] = Math.floor(random() * 256);
  if (!alpha) for (let index = 3; index < data.length; index += 4) data[index] = 255;
  return { width, height, data };
}

/** One colour everywhere. */
export function flatImage(
  width: number,
  height: number,
  rgba: readonly [number, number, number, number],
): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let index = 0; index < data.length; index++) data[index] = rgba[index & 3]!;
  return { width, height, data };
}

export function pixelAt(image: RgbaImage, x: number, y: number): number[] {
  const offset = (y * image.width + x) * 4;
  return Array.from(image.data.subarray(offset, offset + 4));
}
