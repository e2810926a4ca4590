import type { ImageSize } from "../image/rgba-image.js";
import { NO_DISTANCE, squaredDistances } from "./distance-transform.js";
import { combineRuns } from "./run-algebra.js";
import { type Runs, runsArea, runsBoundingBox, runsIntersectionArea } from "./runs.js";
import { erodeRunsBySquare } from "./square-erosion.js";
import { boxAroundBoth, windowAround, windowBitmap } from "./window.js";

/** DAVIS: boundaries may lie this share of the picture's diagonal apart. */
const BOUNDARY_F1_TOLERANCE = 0.008;
/** Boundary IoU: the band is this share of the picture's diagonal wide. */
const BOUNDARY_IOU_WIDTH = 0.02;

export function defaultBoundaryTolerance({ width, height }: ImageSize): number {
  return Math.ceil(BOUNDARY_F1_TOLERANCE * Math.hypot(width, height));
}

/**
 * DAVIS' boundary F-measure. A boundary pixel is one that differs from its right, lower or lower right neighbour. Precision
 * is the share of the first mask's boundary within `tolerance` pixels of the second's, recall the share of the second's
 * within reach of the first's; the result is their harmonic mean.
 * Source: davisvideochallenge/davis2017-evaluation, davis2017/metrics.py (f_measure, after Perazzi et al., CVPR 2016).
 * @returns 0..1; 1 when neither has a boundary, 0 when only one has.
 */
export function boundaryF1(
  first: Runs,
  second: Runs,
  { width, height }: ImageSize,
  tolerance: number,
): number {
  const box = boxAroundBoth(runsBoundingBox(first, height), runsBoundingBox(second, height));
  if (box.width === 0) return 1;
  const window = windowAround(box, 1, width, height);
  const firstBoundary = boundaryBitmap(
    windowBitmap(first, width, height, window),
    window.width,
    window.height,
  );
  const secondBoundary = boundaryBitmap(
    windowBitmap(second, width, height, window),
    window.width,
    window.height,
  );
  const firstCount = countSet(firstBoundary);
  const secondCount = countSet(secondBoundary);
  if (firstCount === 0 || secondCount === 0) return firstCount === secondCount ? 1 : 0;
  const precision = countNear(firstBoundary, secondBoundary, window, tolerance) / firstCount;
  const recall = countNear(secondBoundary, firstBoundary, window, tolerance) / secondCount;
  return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
}

/** Beyond the last column and row the picture repeats itself, so its own edges are no boundary. */
function boundaryBitmap(bitmap: Uint8Array, width: number, height: number): Uint8Array {
  const boundary = new Uint8Array(bitmap.length);
  for (let y = 0; y < height; y++) {
    const down = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const right = x + 1 < width ? 1 : 0;
      const value = bitmap[pixel]!;
      if (
        bitmap[pixel + right] !== value ||
        bitmap[pixel + down] !== value ||
        bitmap[pixel + down + right] !== value
      ) {
        boundary[pixel] = 1;
      }
    }
  }
  return boundary;
}

function countSet(bitmap: Uint8Array): number {
  let count = 0;
  for (const value of bitmap) count += value;
  return count;
}

function countNear(of: Uint8Array, to: Uint8Array, window: ImageSize, tolerance: number): number {
  const distances = squaredDistances(to, window.width, window.height, 1);
  let near = 0;
  for (let pixel = 0; pixel < of.length; pixel++) {
    const squared = distances[pixel]!;
    if (of[pixel] === 1 && squared !== NO_DISTANCE && squared <= tolerance * tolerance) near++;
  }
  return near;
}

/**
 * Boundary IoU: IoU of the two inner bands of `max(1, round(0.02 * diagonal))` pixels; the picture's edges count as borders.
 * Source: bowenc0221/boundary-iou-api, boundary_iou/utils/boundary_utils.py (Cheng et al., CVPR 2021).
 * @returns 0..1; 1 for two empty masks.
 */
export function boundaryIou(first: Runs, second: Runs, { width, height }: ImageSize): number {
  const thickness = Math.max(1, roundHalfToEven(BOUNDARY_IOU_WIDTH * Math.hypot(width, height)));
  const band = (runs: Runs) =>
    combineRuns(runs, erodeRunsBySquare(runs, width, height, thickness), "subtract", width * height);
  const firstBand = band(first);
  const secondBand = band(second);
  const intersection = runsIntersectionArea(firstBand, secondBand);
  const union = runsArea(firstBand) + runsArea(secondBand) - intersection;
  return union === 0 ? 1 : intersection / union;
}

/** As Python rounds, which the reference uses. */
function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
