import type { RgbaImage } from "../../image/rgba-image.js";
import type { Runs } from "../runs.js";
import { type PixelWindow, runsFromWindow } from "../window.js";
import { colorPlanes, tilesOverBand } from "./band-tiles.js";
import { boxSum } from "./box-mean.js";
import { type EdgeBand, edgeBand, readWindow } from "./edge-band.js";
import { guidedFilter } from "./guided-filter.js";

/** Squared colour contrast (0..1 scale) that counts as an edge. */
const EPSILON = 0.03 ** 2;
/** Share by which the explanation must pass one half to move the outline by the whole reach. */
const INERTIA = 0.3;
/** Half side of the windows, as a multiple of the reach: those on the true edge must hold certain pixels of both sides. */
const WINDOW_SHARE = 1.5;
/** Pixels on the outline itself say nothing about which colour belongs to which side, but thin objects have no others. */
const LEAST_WEIGHT = 1e-3;
/** A pixel changes sides only where colour moves the answer by this much. */
const LEAST_EVIDENCE = 0.1;
/** A step covers about a third of the way that is left, so this many cover all of it. */
const MOST_STEPS = 10;
/** The outline stands when no more than this share of the band changes sides. */
const STILL_SHARE = 1e-3;
/** At the end the outline is placed with a closer look. */
const FINE_SHARE = 0.4;
const FINEST_REACH = 3;
const FINE_STEPS = 2;

/**
 * Moves the outline onto edges of the picture up to `reach` pixels away, in steps. Each step explains the mask by colour
 * in a band around the outline (guided filter; a pixel counts the more the further it lies from the outline, because there
 * its side is certain) and cuts that at one half. So the outline walks until the colours on its sides differ most clearly,
 * and stands where there is no edge: also where it lies so far inside an object that its band holds too little of the ground
 * (a disc of 33 pixels shrunk by 9 of a reach of 10). Pixels further than `reach` from the first outline do not change.
 */
export function snapToEdges(runs: Runs, image: RgbaImage, reach: number): Runs {
  if (runs.length === 1 || reach < 1) return runs;
  const allowed = edgeBand(runs, image.width, image.height, reach);
  let current = runs;
  for (const [length, steps] of [
    [reach, MOST_STEPS],
    [Math.min(reach, Math.max(FINEST_REACH, FINE_SHARE * reach)), FINE_STEPS],
  ] as const) {
    for (let step = 0; step < steps && current.length > 1; step++) {
      const moved = moveOnce(current, image, length, allowed, reach);
      current = moved.runs;
      if (moved.share <= STILL_SHARE) break;
    }
  }
  return current;
}

/** @returns The outline after one step, and the share of its band that changed sides. */
function moveOnce(
  runs: Runs,
  image: RgbaImage,
  reach: number,
  allowed: EdgeBand,
  allowedReach: number,
): { readonly runs: Runs; readonly share: number } {
  const { width, height } = image;
  const radius = Math.ceil(WINDOW_SHARE * reach);
  const { window, bitmap, distance, isInBand } = edgeBand(runs, width, height, reach);
  const fromFirst = readWindow(allowed.distance, allowed.window, window, -allowedReach);
  const result = bitmap.slice();
  let changed = 0;
  let inBand = 0;
  for (const { core, view } of tilesOverBand(window, isInBand, 2 * radius, image)) {
    const signed = readWindow(distance, window, view, -reach);
    const sides = signed.map((value) => (value > 0 ? 1 : 0));
    const weights = signed.map((value) => Math.max(LEAST_WEIGHT, Math.abs(value) / reach));
    const soft = guidedFilter(colorPlanes(image, view), sides, weights, { radius, epsilon: EPSILON });
    const plain = meanWithoutColor(sides, weights, view, radius);
    for (let y = core.y; y < core.y + core.height; y++) {
      for (let x = core.x; x < core.x + core.width; x++) {
        const target = (y - window.y) * window.width + x - window.x;
        if (!isInBand[target] || Math.abs(fromFirst[target]!) >= allowedReach) continue;
        const seen = (y - view.y) * view.width + x - view.x;
        // The further a pixel lies from the outline, the clearer the picture must speak to move the outline there.
        const doubt = (INERTIA * distance[target]!) / reach;
        const side = soft[seen]! + doubt >= 0.5 ? 1 : 0;
        inBand++;
        if (side === bitmap[target]) continue;
        // Without colours the mean alone would round the outline off, step by step.
        if (Math.abs(soft[seen]! - plain[seen]!) < LEAST_EVIDENCE) continue;
        result[target] = side;
        changed++;
      }
    }
  }
  if (changed === 0) return { runs, share: 0 };
  return { runs: runsFromWindow(result, window, width, height), share: changed / inBand };
}

/** What the guided filter would answer for a picture without colours: the mean of the means of all windows. */
function meanWithoutColor(
  sides: Float32Array,
  weights: Float32Array,
  { width, height }: PixelWindow,
  radius: number,
): Float32Array {
  const twice = (plane: Float32Array) => boxSum(boxSum(plane, width, height, radius), width, height, radius);
  const total = twice(weights);
  const sum = twice(weights.map((weight, index) => weight * sides[index]!));
  return sum.map((value, index) => value / total[index]!);
}
