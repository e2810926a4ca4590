import { rowChangesFromRuns } from "./row-changes.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";

/**
 * Run lengths of the same pixels in the other order: column-major to row-major. Read as column-major, the result is the
 * picture mirrored at its main diagonal, `height` columns of `width` pixels; a second call with the sides swapped undoes it.
 */
export function transposeRuns(runs: Runs, width: number, height: number): Runs {
  const { rowStart, columns } = rowChangesFromRuns(runs, width, height);
  const builder = new RunBuilder(columns.length + height);
  for (let y = 0; y < height; y++) {
    const end = rowStart[y + 1]!;
    const row = y * width;
    let index = rowStart[y]!;
    const open = ((end - index) & 1) === 1;
    for (; index < end; index++) builder.toggle(row + columns[index]!);
    if (open) builder.toggle(row + width);
  }
  return builder.finish(width * height);
}
