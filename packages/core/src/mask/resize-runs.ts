import { segmentsFromRuns } from "./column-segments.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";

/**
 * Scales a mask by area: a pixel of the result is foreground when the mask covers at least half of the area it stands for.
 * Exact (areas are compared as whole numbers), for enlarging and shrinking, each side on its own.
 */
export function resizeRuns(runs: Runs, width: number, height: number, newWidth: number, newHeight: number): Runs {
  const { top, bottom, columnStart } = segmentsFromRuns(runs, width, height);
  const builder = new RunBuilder();
  const profile = new Float64Array(height + 1);
  // On a line of width * newWidth units an old column is newWidth units wide and a new one width units; rows likewise.
  const half = (width * height) / 2;
  for (let column = 0; column < newWidth; column++) {
    const left = column * width;
    const right = left + width;
    const firstColumn = Math.floor(left / newWidth);
    const lastColumn = Math.ceil(right / newWidth);
    if (columnStart[firstColumn] === columnStart[lastColumn]) continue;
    // Share of the new column that is covered at each old row, as the running sum of its changes.
    profile.fill(0);
    for (let source = firstColumn; source < lastColumn; source++) {
      const across = Math.min(right, (source + 1) * newWidth) - Math.max(left, source * newWidth);
      for (let segment = columnStart[source]!; segment < columnStart[source + 1]!; segment++) {
        profile[top[segment]!]! += across;
        profile[bottom[segment]!]! -= across;
      }
    }
    for (let y = 1; y < height; y++) profile[y]! += profile[y - 1]!;
    addResizedColumn(builder, profile, height, newHeight, half, column * newHeight);
  }
  return builder.finish(newWidth * newHeight);
}

function addResizedColumn(
  builder: RunBuilder,
  profile: Float64Array,
  height: number,
  newHeight: number,
  half: number,
  start: number,
): void {
  for (let row = 0; row < newHeight; row++) {
    const upper = row * height;
    const lower = upper + height;
    let covered = 0;
    for (let source = Math.floor(upper / newHeight); source * newHeight < lower; source++) {
      const share = profile[source]!;
      if (share === 0) continue;
      covered += share * (Math.min(lower, (source + 1) * newHeight) - Math.max(upper, source * newHeight));
    }
    if (covered >= half && covered > 0) builder.addRun(start + row, 1);
  }
}
