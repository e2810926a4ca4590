import type { GrayImage } from "../image/rgba-image.js";
import { bitmapFromRuns } from "./bitmap.js";
import { edgeBand } from "./refine/edge-band.js";
import type { Runs } from "./runs.js";

/** The work behind `featherAlpha`: a smoothstep of the exact distance to the border. */
export function featherRuns(runs: Runs, width: number, height: number, radius: number): GrayImage {
  const gray = bitmapFromRuns(runs, width, height, 255);
  if (radius === 0 || runs.length === 1) return { width, height, gray };
  const { window, distance, isInBand } = edgeBand(runs, width, height, radius);
  for (let row = 0, source = 0; row < window.height; row++) {
    let target = (window.y + row) * width + window.x;
    for (let column = 0; column < window.width; column++, source++, target++) {
      if (!isInBand[source]) continue;
      const share = 0.5 + distance[source]! / (2 * radius);
      gray[target] = Math.round(255 * share * share * (3 - 2 * share));
    }
  }
  return { width, height, gray };
}
