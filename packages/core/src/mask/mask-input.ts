import type { FrameFit } from "../image/frame-fit.js";
import type { LogitsPlane } from "./logits-plane.js";
import type { Mask } from "./mask.js";

/** Logits that stand for "certainly inside" and "certainly outside" when a mask has none of its own. */
const CERTAIN_LOGIT = 8;

/**
 * The plane that a decoder takes as an earlier mask: the mask's own logits where they already lie in this frame, else the
 * share of each cell that the mask covers, as logits.
 * @param side - Side of the square plane over the model's whole frame.
 * @returns Row-major `[side, side]`.
 */
export function logitsForMaskInput(mask: Mask, fit: FrameFit, side: number): Float32Array {
  if (mask.logits && liesInFrame(mask.logits, fit, side)) return mask.logits.data;
  return coverageLogits(mask, fit, side);
}

function liesInFrame(logits: LogitsPlane, fit: FrameFit, side: number): boolean {
  const same = (first: number, second: number) => Math.abs(first - second) <= 1e-9 * second;
  return (
    logits.window === undefined &&
    logits.width === side &&
    logits.height === side &&
    same(logits.scaleX, (fit.scaleX * side) / fit.size) &&
    same(logits.scaleY, (fit.scaleY * side) / fit.size)
  );
}

function coverageLogits(mask: Mask, fit: FrameFit, side: number): Float32Array {
  const columnsPerPixel = (fit.scaleX * side) / fit.size;
  const rowsPerPixel = (fit.scaleY * side) / fit.size;
  const coverage = new Float32Array(side * side);
  const { runs, height } = mask;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    position += runs[index]!;
    let left = runs[index + 1]!;
    while (left > 0) {
      const x = Math.floor(position / height);
      const y = position - x * height;
      const length = Math.min(left, height - y);
      addSegment(
        coverage,
        side,
        x * columnsPerPixel,
        columnsPerPixel,
        y * rowsPerPixel,
        (y + length) * rowsPerPixel,
      );
      position += length;
      left -= length;
    }
  }
  return coverage.map((share) => CERTAIN_LOGIT * (2 * Math.min(1, share) - 1));
}

/** Adds the area that one vertical strip of a mask covers in each cell of the plane. */
function addSegment(
  coverage: Float32Array,
  side: number,
  x: number,
  width: number,
  top: number,
  bottom: number,
): void {
  for (let column = Math.floor(x); column < side && column < x + width; column++) {
    const across = Math.min(column + 1, x + width) - Math.max(column, x);
    if (across <= 0) continue;
    for (let row = Math.floor(top); row < side && row < bottom; row++) {
      const down = Math.min(row + 1, bottom) - Math.max(row, top);
      if (down > 0) coverage[row * side + column]! += across * down;
    }
  }
}
