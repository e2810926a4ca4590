import type { Runs } from "./runs.js";

/** A mask cut into upright pieces, none longer than its column, ordered by column and row. */
export interface ColumnSegments {
  readonly count: number;
  /** Column of each segment. */
  readonly column: Int32Array;
  /** First row of each segment. */
  readonly top: Int32Array;
  /** Row after the last of each segment. */
  readonly bottom: Int32Array;
  /** Column `x` owns segments `columnStart[x]` up to `columnStart[x + 1]`; `width + 1` values. */
  readonly columnStart: Int32Array;
}

/** Splits runs at column borders. */
export function segmentsFromRuns(runs: Runs, width: number, height: number): ColumnSegments {
  const count = countSegments(runs, height);
  const column = new Int32Array(count);
  const top = new Int32Array(count);
  const bottom = new Int32Array(count);
  const columnStart = new Int32Array(width + 1);
  let segment = 0;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    position += runs[index]!;
    let left = runs[index + 1]!;
    let x = Math.floor(position / height);
    let y = position - x * height;
    position += left;
    while (left > 0) {
      const length = left < height - y ? left : height - y;
      column[segment] = x;
      top[segment] = y;
      bottom[segment++] = y + length;
      columnStart[x + 1]!++;
      left -= length;
      y = 0;
      x++;
    }
  }
  for (let x = 0; x < width; x++) columnStart[x + 1]! += columnStart[x]!;
  return { count, column, top, bottom, columnStart };
}

function countSegments(runs: Runs, height: number): number {
  let count = 0;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const start = position + runs[index]!;
    position = start + runs[index + 1]!;
    count += Math.floor((position - 1) / height) - Math.floor(start / height) + 1;
  }
  return count;
}
