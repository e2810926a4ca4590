import type { Mask, Point } from "@maskery/core";

/**
 * The next click of a patient user: at the centre of the larger of two regions, what is missing from the prediction
 * (label 1) and what is too much in it (label 0). A tie is a positive click.
 * @param predicted - The mask so far; undefined before the first click.
 * @returns Undefined when the prediction is perfect.
 */
export function nextClick(truth: Mask, predicted: Mask | undefined): Point | undefined {
  const inMissing = regionCentre(predicted ? truth.subtract(predicted) : truth);
  const inSurplus = predicted && regionCentre(predicted.subtract(truth));
  if (inSurplus && inSurplus.distance > (inMissing?.distance ?? 0)) {
    return { x: inSurplus.x, y: inSurplus.y, label: 0 };
  }
  return inMissing && { x: inMissing.x, y: inMissing.y, label: 1 };
}

/** A place inside a region, and its distance to the nearest pixel outside. */
export interface RegionCentre {
  readonly x: number;
  readonly y: number;
  readonly distance: number;
}

/**
 * The pixel that lies deepest inside a region, by exact Euclidean distance; everything beyond the picture is outside. Of
 * several equal pixels the first in row-major order. Undefined for an empty region.
 */
export function regionCentre(region: Mask): RegionCentre | undefined {
  if (region.isEmpty) return undefined;
  // Outside the region's box nothing is nearer than the ring around it, so the rest of the picture need not be looked at.
  const { x, y, width, height } = region.bbox;
  const distances = region.crop({ x, y, width, height }).distanceTransform({ pictureEdge: "background" });
  let deepest = 0;
  for (let pixel = 1; pixel < distances.length; pixel++) {
    if (distances[pixel]! > distances[deepest]!) deepest = pixel;
  }
  const row = Math.floor(deepest / width);
  return { x: x + deepest - row * width, y: y + row, distance: distances[deepest]! };
}
