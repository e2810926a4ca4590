import type { GrayImage } from "../image/rgba-image.js";
import { bitmapFromRuns } from "./bitmap.js";
import { forEachNearBorder, MOST_NEAR_PIXELS } from "./near-border.js";
import { edgeBand } from "./refine/edge-band.js";
import { type Runs, runsBoundingBox } from "./runs.js";
import { windowAround, windowBitmap } from "./window.js";

/** The work behind `featherAlpha`: a smoothstep of the exact distance to the border. */
export function featherRuns(runs: Runs, width: number, height: number, radius: number): GrayImage {
  const gray = bitmapFromRuns(runs, width, height, 255);
  if (radius === 0 || runs.length === 1) return { width, height, gray };
  // The border lies half a pixel before the centre of the first pixel beyond it.
  const reach = Math.ceil(radius + 0.5);
  if (reach > MOST_NEAR_PIXELS) softenFar(runs, width, height, radius, gray);
  else softenNear(runs, width, height, radius, reach, gray);
  return { width, height, gray };
}

/** @param distance - To the border in pixels, positive inside. */
function softness(distance: number, radius: number): number {
  const share = 0.5 + distance / (2 * radius);
  return Math.round(255 * share * share * (3 - 2 * share));
}

function softenNear(
  runs: Runs,
  width: number,
  height: number,
  radius: number,
  reach: number,
  gray: Uint8Array,
): void {
  const window = windowAround(runsBoundingBox(runs, height), radius + 2, width, height);
  const bitmap = windowBitmap(runs, width, height, window);
  const inside = new Uint8Array(reach * reach + 1).fill(255);
  const outside = new Uint8Array(reach * reach + 1);
  for (let squared = 1; squared <= reach * reach; squared++) {
    const distance = Math.sqrt(squared) - 0.5;
    if (distance >= radius) continue;
    inside[squared] = softness(distance, radius);
    outside[squared] = softness(-distance, radius);
  }
  forEachNearBorder(runs, height, window, bitmap, reach, (index, squared) => {
    const row = Math.floor(index / window.width);
    gray[(window.y + row) * width + window.x + index - row * window.width] = (
      bitmap[index] ? inside : outside
    )[squared]!;
  });
}

function softenFar(runs: Runs, width: number, height: number, radius: number, gray: Uint8Array): void {
  const { window, distance, isInBand } = edgeBand(runs, width, height, radius);
  for (let row = 0, source = 0; row < window.height; row++) {
    let target = (window.y + row) * width + window.x;
    for (let column = 0; column < window.width; column++, source++, target++)
      if (isInBand[source]) gray[target] = softness(distance[source]!, radius);
  }
}
