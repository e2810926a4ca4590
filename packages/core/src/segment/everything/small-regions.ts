import { type LabeledSegments, labelComponents, runsOfPieces } from "../../mask/components.js";
import { combineRuns, invertRuns } from "../../mask/run-algebra.js";
import type { Runs } from "../../mask/runs.js";

/** A mask after the removal of small regions. */
export interface CleanedRuns {
  readonly runs: Runs;
  /** Whether there was a small region at all; if so the mask counts as changed, as in the reference. */
  readonly changed: boolean;
}

/**
 * Fills holes, then removes islands, both of fewer than `minArea` pixels (pixels that touch at a corner belong together).
 * A hole is any piece of the background, also at the border of the picture. When all islands are small the largest stays;
 * of equal ones the one whose first pixel, row by row, comes first.
 * Source: facebookresearch/segment-anything, utils/amg.py (remove_small_regions), automatic_mask_generator.py.
 */
export function removeSmallRegions(runs: Runs, width: number, height: number, minArea: number): CleanedRuns {
  const holes = labelComponents(invertRuns(runs), width, height, 8);
  const isSmall = (pieces: LabeledSegments) => (piece: number) => pieces.area[piece]! < minArea;
  const hasHoles = holes.area.some((area) => area < minArea);
  const filled = hasHoles
    ? combineRuns(runs, runsOfPieces(holes, width, height, isSmall(holes)), "union", width * height)
    : runs;
  const islands = labelComponents(filled, width, height, 8);
  const small = islands.area.reduce((count, area) => count + (area < minArea ? 1 : 0), 0);
  if (small === 0) return { runs: filled, changed: hasHoles };
  const largest = small === islands.count ? largestPiece(islands) : -1;
  const kept = runsOfPieces(islands, width, height, (piece) => piece === largest || !isSmall(islands)(piece));
  return { runs: kept, changed: true };
}

function largestPiece({ area, count, label, segments }: LabeledSegments): number {
  const firstRow = new Int32Array(count).fill(2 ** 31 - 1);
  const firstColumn = new Int32Array(count);
  for (let segment = 0; segment < segments.count; segment++) {
    const piece = label[segment]!;
    // Segments come column by column, so the first to reach a row is the leftmost there.
    if (segments.top[segment]! >= firstRow[piece]!) continue;
    firstRow[piece] = segments.top[segment]!;
    firstColumn[piece] = segments.column[segment]!;
  }
  const isBefore = (first: number, second: number) =>
    firstRow[first]! - firstRow[second]! || firstColumn[first]! - firstColumn[second]!;
  let best = 0;
  for (let piece = 1; piece < count; piece++) {
    if (area[piece]! > area[best]! || (area[piece] === area[best] && isBefore(piece, best) < 0)) best = piece;
  }
  return best;
}
