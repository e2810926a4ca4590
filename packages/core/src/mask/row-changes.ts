import type { Runs } from "./runs.js";

/** For each row of a picture the columns at which it changes between background and foreground, in rising order. */
export interface RowChanges {
  /** Row `y` owns `columns[rowStart[y]]` up to `columns[rowStart[y + 1]]`. */
  readonly rowStart: Uint32Array;
  /** The first change of a row enters the foreground. A row that ends inside lacks its last change. */
  readonly columns: Uint32Array;
}

/**
 * Turns column runs into row changes without a bitmap: where two neighbouring columns differ, each row in the difference
 * changes there. Work grows with the runs and the length of the upright borders, not with the area.
 */
export function rowChangesFromRuns(runs: Runs, width: number, height: number): RowChanges {
  const spans = differencesOfNeighbours(runs, width, height);
  const rowStart = new Uint32Array(height + 1);
  // The running sum of `delta` is the number of changes in each row.
  const delta = new Int32Array(height + 1);
  for (let index = 0; index < spans.length; index += 3) {
    delta[spans[index + 1]!]!++;
    delta[spans[index + 2]!]!--;
  }
  let changes = 0;
  for (let y = 0, total = 0; y < height; y++) {
    changes += delta[y]!;
    rowStart[y] = total;
    total += changes;
    rowStart[y + 1] = total;
  }
  const columns = new Uint32Array(rowStart[height]!);
  const next = rowStart.slice(0, height);
  for (let index = 0; index < spans.length; index += 3) {
    const x = spans[index]!;
    const bottom = spans[index + 2]!;
    for (let y = spans[index + 1]!; y < bottom; y++) columns[next[y]!++] = x;
  }
  return { rowStart, columns };
}

/** Triples (column, first row, row after the last) where a column differs from its left neighbour, by rising column. */
function differencesOfNeighbours(runs: Runs, width: number, height: number): Uint32Array {
  let spans = new Uint32Array(3 * 256);
  let length = 0;
  let left = new Uint32Array(64);
  let right = new Uint32Array(64);
  let leftLength = 0;
  let rightLength = 0;
  let runIndex = 0;
  let runEnd = runs[0]!;
  // What is still inside at the right edge of the picture stays open.
  for (let x = 0; x < width; x++) {
    const columnStart = x * height;
    const columnEnd = columnStart + height;
    rightLength = 0;
    if (runEnd === columnStart && runIndex + 1 < runs.length) runEnd += runs[++runIndex]!;
    if ((runIndex & 1) === 1) right[rightLength++] = 0;
    while (runEnd < columnEnd && runIndex + 1 < runs.length) {
      if (rightLength + 2 > right.length) right = grown(right);
      right[rightLength++] = runEnd - columnStart;
      runEnd += runs[++runIndex]!;
    }
    if ((rightLength & 1) === 1) right[rightLength++] = height;
    const needed = length + 3 * ((leftLength + rightLength) / 2);
    if (needed > spans.length) {
      const larger = new Uint32Array(Math.max(needed, spans.length * 2));
      larger.set(spans);
      spans = larger;
    }
    let leftIndex = 0;
    let rightIndex = 0;
    let start = -1;
    while (leftIndex < leftLength || rightIndex < rightLength) {
      const leftRow = leftIndex < leftLength ? left[leftIndex]! : height + 1;
      const rightRow = rightIndex < rightLength ? right[rightIndex]! : height + 1;
      if (leftRow === rightRow) {
        leftIndex++;
        rightIndex++;
        continue;
      }
      const row = leftRow < rightRow ? leftRow : rightRow;
      if (leftRow < rightRow) leftIndex++;
      else rightIndex++;
      if (start < 0) {
        start = row;
      } else {
        spans[length++] = x;
        spans[length++] = start;
        spans[length++] = row;
        start = -1;
      }
    }
    const swap = left;
    left = right;
    leftLength = rightLength;
    right = swap;
  }
  return spans.subarray(0, length);
}

function grown(values: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(values.length * 2);
  larger.set(values);
  return larger;
}
