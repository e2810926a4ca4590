import { runsFromBitmap } from "./bitmap.js";
import { rowChangesFromRuns } from "./row-changes.js";
import { copyBox } from "./run-transforms.js";
import type { BoundingBox, Runs } from "./runs.js";

/** A rectangular part of a picture in whole pixels, inside the picture. */
export type PixelWindow = BoundingBox;

/** A box grown by `margin` pixels on each side, cut at the picture's edges. An empty box stays empty. */
export function windowAround(box: BoundingBox, margin: number, width: number, height: number): PixelWindow {
  if (box.width === 0 || box.height === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const reach = Math.ceil(margin);
  const x = Math.max(0, box.x - reach);
  const y = Math.max(0, box.y - reach);
  return {
    x,
    y,
    width: Math.min(width, box.x + box.width + reach) - x,
    height: Math.min(height, box.y + box.height + reach) - y,
  };
}

/** The smallest box around two boxes; an empty one does not count. */
export function boxAroundBoth(first: BoundingBox, second: BoundingBox): BoundingBox {
  if (first.width === 0) return second;
  if (second.width === 0) return first;
  const x = Math.min(first.x, second.x);
  const y = Math.min(first.y, second.y);
  return {
    x,
    y,
    width: Math.max(first.x + first.width, second.x + second.width) - x,
    height: Math.max(first.y + first.height, second.y + second.height) - y,
  };
}

/** Row-major bitmap of one part of a mask, 1 inside and 0 outside. */
export function windowBitmap(
  runs: Runs,
  width: number,
  height: number,
  window: PixelWindow,
): Uint8Array<ArrayBuffer> {
  const { rowStart, columns } = rowChangesFromRuns(runs, width, height);
  const bitmap = new Uint8Array(window.width * window.height);
  const right = window.x + window.width;
  for (let row = 0; row < window.height; row++) {
    const y = window.y + row;
    const lastChange = rowStart[y + 1]!;
    const offset = row * window.width - window.x;
    for (let index = rowStart[y]!; index < lastChange; index += 2) {
      const start = Math.max(window.x, columns[index]!);
      const end = Math.min(right, index + 1 < lastChange ? columns[index + 1]! : width);
      if (start < end) bitmap.fill(1, offset + start, offset + end);
    }
  }
  return bitmap;
}

/** The mask of the whole picture that holds `bitmap` in one part of it and background elsewhere. */
export function runsFromWindow(bitmap: Uint8Array, window: PixelWindow, width: number, height: number): Runs {
  if (window.width === 0 || window.height === 0) return Uint32Array.of(width * height);
  const runs = runsFromBitmap(bitmap, window.width, window.height);
  return copyBox(runs, window.width, window.height, { x: -window.x, y: -window.y, width, height });
}
