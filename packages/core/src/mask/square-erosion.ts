import { segmentsFromRuns } from "./column-segments.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";
import { transposeRuns } from "./transpose-runs.js";

/** Erodes `steps` times by 3 × 3 squares; beyond the picture is background. Shrinks columns, then rows, on run lengths. */
export function erodeRunsBySquare(runs: Runs, width: number, height: number, steps: number): Runs {
  const narrowed = shortenSegments(runs, width, height, steps);
  const mirrored = transposeRuns(narrowed, width, height);
  return transposeRuns(shortenSegments(mirrored, height, width, steps), height, width);
}

/** Takes `steps` pixels off both ends of each upright segment. */
function shortenSegments(runs: Runs, width: number, height: number, steps: number): Runs {
  const { count, column, top, bottom } = segmentsFromRuns(runs, width, height);
  const builder = new RunBuilder();
  for (let segment = 0; segment < count; segment++) {
    const length = bottom[segment]! - top[segment]! - 2 * steps;
    if (length > 0) builder.addRun(column[segment]! * height + top[segment]! + steps, length);
  }
  return builder.finish(width * height);
}
