import { invalidInput } from "../errors.js";
import { bitmapFromRuns } from "./bitmap.js";
import { NO_DISTANCE, squaredDistances } from "./distance-transform.js";
import type { Runs } from "./runs.js";

export interface DistanceTransformOptions {
  /** `inside` (default) measures foreground pixels to the background, `outside` background pixels to the foreground. */
  readonly side?: "inside" | "outside";
  /**
   * What lies beyond the picture: nothing at all (`ignore`, default), or background (`background`), so that a pixel at the
   * picture's edge is 1 pixel from it. Only matters for `side: "inside"`.
   */
  readonly pictureEdge?: "ignore" | "background";
}

/** @returns Distances in pixels, row-major `[height, width]`. */
export function distanceTransform(
  runs: Runs,
  width: number,
  height: number,
  { side = "inside", pictureEdge = "ignore" }: DistanceTransformOptions,
): Float32Array<ArrayBuffer> {
  if (side !== "inside" && side !== "outside") throw invalidInput("side", '"inside" or "outside"', side);
  if (pictureEdge !== "ignore" && pictureEdge !== "background") {
    throw invalidInput("pictureEdge", '"ignore" or "background"', pictureEdge);
  }
  const squared = squaredDistances(bitmapFromRuns(runs, width, height, 1), width, height, side === "inside" ? 0 : 1);
  const toEdge = pictureEdge === "background" && side === "inside";
  const distances = new Float32Array(squared.length);
  for (let y = 0, pixel = 0; y < height; y++) {
    const vertical = Math.min(y + 1, height - y);
    for (let x = 0; x < width; x++, pixel++) {
      const value = squared[pixel]!;
      if (value === 0) continue;
      const distance = value === NO_DISTANCE ? Number.POSITIVE_INFINITY : Math.sqrt(value);
      distances[pixel] = toEdge ? Math.min(distance, vertical, x + 1, width - x) : distance;
    }
  }
  return distances;
}
