import { segmentsFromRuns } from "./column-segments.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";

/**
 * Scales a mask by area: a pixel of the result is foreground when the mask covers at least half of the area it stands for.
 * Exact (areas are compared as whole numbers), for enlarging and shrinking, each side on its own. Only rows in which the
 * cover changes are computed, so the work grows with the runs and not with the area.
 */
export function resizeRuns(
  runs: Runs,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
): Runs {
  const { top, bottom, columnStart } = segmentsFromRuns(runs, width, height);
  const builder = new RunBuilder();
  const profile = new Profile(height);
  // On a line of width * newWidth units an old column is newWidth units wide and a new one width units; rows likewise.
  for (let column = 0; column < newWidth; column++) {
    const left = column * width;
    const right = left + width;
    const firstColumn = Math.floor(left / newWidth);
    const lastColumn = Math.ceil(right / newWidth);
    if (columnStart[firstColumn] === columnStart[lastColumn]) continue;
    profile.clear();
    for (let source = firstColumn; source < lastColumn; source++) {
      const across = Math.min(right, (source + 1) * newWidth) - Math.max(left, source * newWidth);
      for (let segment = columnStart[source]!; segment < columnStart[source + 1]!; segment++) {
        profile.change(top[segment]!, across);
        profile.change(bottom[segment]!, -across);
      }
    }
    addResizedColumn(builder, profile, width, height, newHeight, column * newHeight);
  }
  return builder.finish(newWidth * newHeight);
}

/** How much of a new column is covered at each old row, kept as the rows at which that changes. */
class Profile {
  readonly #delta: Float64Array;
  readonly #isListed: Uint8Array;
  readonly #rows: Uint32Array;
  #count = 0;

  constructor(height: number) {
    this.#delta = new Float64Array(height + 1);
    this.#isListed = new Uint8Array(height + 1);
    this.#rows = new Uint32Array(height + 1);
  }

  clear(): void {
    for (let index = 0; index < this.#count; index++) {
      const row = this.#rows[index]!;
      this.#delta[row] = 0;
      this.#isListed[row] = 0;
    }
    this.#count = 0;
  }

  change(row: number, by: number): void {
    this.#delta[row]! += by;
    if (this.#isListed[row]) return;
    this.#isListed[row] = 1;
    this.#rows[this.#count++] = row;
  }

  deltaAt(row: number): number {
    return this.#delta[row]!;
  }

  sortedRows(): Uint32Array {
    return this.#rows.subarray(0, this.#count).sort();
  }
}

function addResizedColumn(
  builder: RunBuilder,
  profile: Profile,
  width: number,
  height: number,
  newHeight: number,
  start: number,
): void {
  const half = (width * height) / 2;
  let row = 0; // the new row being filled
  let position = 0; // how far down, on a line of height * newHeight units
  let covered = 0; // area covered of the new row so far
  let share = 0; // width covered at the position
  for (const changingRow of profile.sortedRows()) {
    const next = changingRow * newHeight;
    if (next >= (row + 1) * height) {
      covered += share * ((row + 1) * height - position);
      if (covered >= half) builder.addRun(start + row, 1);
      row++;
      // Rows without a change are covered evenly.
      const evenRows = Math.floor(next / height) - row;
      if (2 * share >= width) builder.addRun(start + row, evenRows);
      row += evenRows;
      position = row * height;
      covered = 0;
    }
    covered += share * (next - position);
    position = next;
    share += profile.deltaAt(changingRow);
  }
  // Nothing is covered below the last change.
  if (covered >= half) builder.addRun(start + row, 1);
}
