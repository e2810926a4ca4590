import { segmentsFromRuns } from "./column-segments.js";
import { RunBuilder } from "./run-builder.js";
import type { BoundingBox, Runs } from "./runs.js";
import { transposeRuns } from "./transpose-runs.js";

/** Moves the pixels by whole numbers of columns and rows; what leaves the picture is lost. */
export function translateRuns(
  runs: Runs,
  width: number,
  height: number,
  columns: number,
  rows: number,
): Runs {
  return copyBox(runs, width, height, { x: -columns, y: -rows, width, height });
}

/** Cuts out a box, which may reach beyond the picture: there is background. The result has the size of the box. */
export function copyBox(runs: Runs, width: number, height: number, box: BoundingBox): Runs {
  const { column, top, bottom, columnStart } = segmentsFromRuns(runs, width, height);
  const builder = new RunBuilder();
  const firstColumn = Math.min(width, Math.max(0, box.x));
  const lastColumn = Math.min(width, Math.max(0, box.x + box.width));
  for (let segment = columnStart[firstColumn]!; segment < columnStart[lastColumn]!; segment++) {
    const start = Math.max(0, top[segment]! - box.y);
    const end = Math.min(box.height, bottom[segment]! - box.y);
    if (start < end) builder.addRun((column[segment]! - box.x) * box.height + start, end - start);
  }
  return builder.finish(box.width * box.height);
}

/** Mirrors left and right. */
export function flipRunsHorizontally(runs: Runs, width: number, height: number): Runs {
  const { top, bottom, columnStart } = segmentsFromRuns(runs, width, height);
  const builder = new RunBuilder(runs.length);
  for (let x = 0; x < width; x++) {
    const source = width - 1 - x;
    for (let segment = columnStart[source]!; segment < columnStart[source + 1]!; segment++) {
      builder.addRun(x * height + top[segment]!, bottom[segment]! - top[segment]!);
    }
  }
  return builder.finish(width * height);
}

/** Turns by 180°: the same lengths backwards, in normal form. */
export function turnRunsUpsideDown(runs: Runs): Runs {
  const backwards = runs.slice().reverse();
  // An odd number of lengths ends with background, which thus comes first again.
  if ((runs.length & 1) === 1) return dropEmptyEnd(backwards);
  const result = new Uint32Array(backwards.length + 1);
  result.set(backwards, 1);
  return dropEmptyEnd(result);
}

/** A leading empty background run, turned around, would end the list with nothing. */
function dropEmptyEnd(runs: Runs): Runs {
  return runs.length > 1 && runs[runs.length - 1] === 0 ? runs.slice(0, -1) : runs;
}

/** Mirrors top and bottom: a half turn and a mirror left and right. */
export function flipRunsVertically(runs: Runs, width: number, height: number): Runs {
  return flipRunsHorizontally(turnRunsUpsideDown(runs), width, height);
}

/** Turns by 90° as seen on screen. The result is `height` wide and `width` high. */
export function turnRunsClockwise(runs: Runs, width: number, height: number): Runs {
  // Mirrored at the main diagonal, then left to right.
  return flipRunsHorizontally(transposeRuns(runs, width, height), height, width);
}
