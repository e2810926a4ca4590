import type { RgbaImage } from "../../image/rgba-image.js";
import type { Runs } from "../runs.js";
import { runsFromWindow } from "../window.js";
import { colorPlanes, tilesOverBand } from "./band-tiles.js";
import { edgeBand, readWindow } from "./edge-band.js";
import { guidedFilter } from "./guided-filter.js";

/** Squared colour contrast (0..1 scale) that counts as an edge. */
const EPSILON = 0.03 ** 2;
/** Share by which the explanation must pass one half to move the outline by the whole reach. */
const INERTIA = 0.3;

/**
 * Moves the outline onto edges of the picture no further than `reach` pixels away: in a band around the outline the mask is
 * explained by colour (guided filter, windows of `reach` pixels to each side) and cut at one half. Pixels beyond the band
 * do not change.
 */
export function snapToEdges(runs: Runs, image: RgbaImage, reach: number): Runs {
  const { width, height } = image;
  if (runs.length === 1 || reach < 1) return runs;
  const radius = Math.round(reach);
  const band = edgeBand(runs, width, height, reach);
  const { window, bitmap, distance, isInBand } = band;
  const result = bitmap.slice();
  for (const { core, view } of tilesOverBand(window, isInBand, 2 * radius, image)) {
    const plane = readWindow(bitmap, window, view, 0);
    const weights = new Float32Array(plane.length).fill(1);
    const soft = guidedFilter(colorPlanes(image, view), plane, weights, { radius, epsilon: EPSILON });
    for (let y = core.y; y < core.y + core.height; y++) {
      for (let x = core.x; x < core.x + core.width; x++) {
        const target = (y - window.y) * window.width + x - window.x;
        if (!isInBand[target]) continue;
        // The further a pixel lies from the outline, the clearer the picture must speak to move the outline there.
        const doubt = (INERTIA * distance[target]!) / reach;
        result[target] = soft[(y - view.y) * view.width + x - view.x]! + doubt >= 0.5 ? 1 : 0;
      }
    }
  }
  return runsFromWindow(result, window, width, height);
}
