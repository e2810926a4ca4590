import { NO_DISTANCE, squaredDistances } from "../distance-transform.js";
import { type Runs, runsBoundingBox } from "../runs.js";
import { type PixelWindow, windowAround, windowBitmap } from "../window.js";

/** The neighbourhood of a mask's border: where image-aware steps may change anything. */
export interface EdgeBand {
  readonly window: PixelWindow;
  /** 1 inside the mask, row-major over the window; so are the other two. */
  readonly bitmap: Uint8Array;
  /** Signed distance of a pixel's centre to the border in pixels, positive inside, capped at the band's width. */
  readonly distance: Float32Array;
  /** 1 for pixels closer to the border than the band's width. */
  readonly isInBand: Uint8Array;
}

/** @param reach - Pixels to either side of the border. The picture's own edge is no border. */
export function edgeBand(runs: Runs, width: number, height: number, reach: number): EdgeBand {
  const window = windowAround(runsBoundingBox(runs, height), reach + 1, width, height);
  const bitmap = windowBitmap(runs, width, height, window);
  const toForeground = squaredDistances(bitmap, window.width, window.height, 1);
  const toBackground = squaredDistances(bitmap, window.width, window.height, 0);
  const distance = new Float32Array(bitmap.length);
  const isInBand = new Uint8Array(bitmap.length);
  for (let pixel = 0; pixel < bitmap.length; pixel++) {
    const squared = bitmap[pixel] ? toBackground[pixel]! : toForeground[pixel]!;
    const toBorder = squared === NO_DISTANCE ? reach : Math.min(reach, Math.sqrt(squared) - 0.5);
    distance[pixel] = bitmap[pixel] ? toBorder : -toBorder;
    if (toBorder < reach) isInBand[pixel] = 1;
  }
  return { window, bitmap, distance, isInBand };
}

/** Reads one window's plane in another window: `outside` where the two do not overlap. */
export function readWindow(
  plane: ArrayLike<number>,
  from: PixelWindow,
  to: PixelWindow,
  outside: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(to.width * to.height).fill(outside);
  const left = Math.max(from.x, to.x);
  const right = Math.min(from.x + from.width, to.x + to.width);
  for (let y = Math.max(from.y, to.y); y < Math.min(from.y + from.height, to.y + to.height); y++) {
    const source = (y - from.y) * from.width - from.x;
    const target = (y - to.y) * to.width - to.x;
    for (let x = left; x < right; x++) result[target + x] = plane[source + x]!;
  }
  return result;
}
