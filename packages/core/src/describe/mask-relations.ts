import type { Mask } from "../mask/mask.js";
import { translateRuns } from "../mask/run-transforms.js";
import { runsIntersectionArea } from "../mask/runs.js";

/** How one mask lies to another. */
export type MaskRelation = "same" | "inside" | "around" | "overlapping" | "touching" | "apart";

const SAME_IOU = 0.9;
/** Share of the smaller mask that lies in the larger one. */
const INSIDE_SHARE = 0.9;
const OVERLAP_SHARE = 0.05;
/** Masks this close, as a share of the picture's diagonal, touch for the eye; outlines are never exact. */
const TOUCHING_GAP = 0.004;

/** What `first` is to `second`, for two masks of one size that are not empty. Run lengths only, no bitmap. */
export function relationOf(first: Mask, second: Mask): MaskRelation {
  const gap = Math.max(1, Math.round(TOUCHING_GAP * Math.hypot(first.width, first.height)));
  if (!boxesMeet(first, second, gap)) return "apart";
  const shared = runsIntersectionArea(first.runs, second.runs);
  if (shared / (first.area + second.area - shared) >= SAME_IOU) return "same";
  if (shared >= INSIDE_SHARE * Math.min(first.area, second.area))
    return first.area <= second.area ? "inside" : "around";
  if (shared >= OVERLAP_SHARE * Math.min(first.area, second.area)) return "overlapping";
  return shared > 0 || meetWhenMoved(first, second, gap) ? "touching" : "apart";
}

function boxesMeet({ bbox: first }: Mask, { bbox: second }: Mask, gap: number): boolean {
  return (
    first.x < second.x + second.width + gap &&
    second.x < first.x + first.width + gap &&
    first.y < second.y + second.height + gap &&
    second.y < first.y + first.height + gap
  );
}

/** Whether the first mask reaches the second by moving a little up, down, left or right. */
function meetWhenMoved(first: Mask, second: Mask, gap: number): boolean {
  const steps = gap === 1 ? [1] : [1, gap];
  return steps.some((step) =>
    [
      [step, 0],
      [-step, 0],
      [0, step],
      [0, -step],
    ].some(([columns, rows]) => {
      const moved = translateRuns(first.runs, first.width, first.height, columns!, rows!);
      return runsIntersectionArea(moved, second.runs) > 0;
    }),
  );
}
