import { invalidInput } from "../errors.js";
import { NO_DISTANCE, squaredDistances } from "./distance-transform.js";
import { type Runs, runsBoundingBox } from "./runs.js";
import { windowAround, windowBitmap } from "./window.js";

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
  const distances = new Float32Array(width * height);
  const inside = side === "inside";
  // Distances inside are 0 beyond the mask's box; one pixel more shows where the background begins.
  const window = inside
    ? windowAround(runsBoundingBox(runs, height), 1, width, height)
    : { x: 0, y: 0, width, height };
  if (window.width === 0) return distances;
  const bitmap = windowBitmap(runs, width, height, window);
  const squared = squaredDistances(bitmap, window.width, window.height, inside ? 0 : 1);
  const toEdge = inside && pictureEdge === "background";
  for (let row = 0, source = 0; row < window.height; row++) {
    const y = window.y + row;
    const vertical = Math.min(y + 1, height - y);
    for (let x = window.x, target = y * width + x; x < window.x + window.width; x++, source++, target++) {
      const value = squared[source]!;
      if (value === 0) continue;
      const distance = value === NO_DISTANCE ? Number.POSITIVE_INFINITY : Math.sqrt(value);
      distances[target] = toEdge ? Math.min(distance, vertical, x + 1, width - x) : distance;
    }
  }
  return distances;
}
