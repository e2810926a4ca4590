import { fromFloat16Bits, MAX_FLOAT16, toFloat16Bits } from "../../backend/float16.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import type { PixelLattice } from "./pixel-lattice.js";

/**
 * The part of a plane in which values above some floor lie, with every sample that a pixel between two of them or beside
 * one of them is blended from. Whatever is outside is at or below the floor.
 */
export interface PlaneRegion {
  /** Plane column and row of the first sample; also the first cell. */
  readonly firstColumn: number;
  readonly firstRow: number;
  /** Samples across and down, at least 2 each; there is one cell less. */
  readonly columns: number;
  readonly rows: number;
  /** Column-major `[columns, rows]`. */
  readonly values: Float32Array;
}

/** A region at half precision, as differences to `base`: finest where the values come near it. */
export interface CompactRegion extends Omit<PlaneRegion, "values"> {
  readonly base: number;
  /** IEEE 754 half-precision bits, column-major `[columns, rows]`. */
  readonly halves: Uint16Array;
}

/**
 * Copies the region above `floor` out of a plane.
 * @param scratch - Where the values go; at least `(width + 1) * (height + 1)` long. The region is a view into it.
 * @returns `undefined` when no value that the picture's pixels touch exceeds the floor.
 */
export function readRegion(
  plane: LogitsPlane,
  lattice: PixelLattice,
  floor: number,
  scratch: Float32Array,
): PlaneRegion | undefined {
  const { data, width, height } = plane;
  // Pixels touch the samples at both ends of their cells.
  const usedColumns = Math.min(width, lattice.columns.cells + 1);
  const usedRows = Math.min(height, lattice.rows.cells + 1);
  let minColumn = usedColumns;
  let maxColumn = -1;
  let minRow = -1;
  let maxRow = -1;
  for (let row = 0; row < usedRows; row++) {
    const start = row * width;
    let first = 0;
    while (first < usedColumns && !(data[start + first]! > floor)) first++;
    if (first === usedColumns) continue;
    let last = usedColumns - 1;
    while (!(data[start + last]! > floor)) last--;
    if (minRow < 0) minRow = row;
    maxRow = row;
    if (first < minColumn) minColumn = first;
    if (last > maxColumn) maxColumn = last;
  }
  if (maxRow < 0) return undefined;
  const firstColumn = Math.max(0, minColumn - 1);
  const firstRow = Math.max(0, minRow - 1);
  const columns = Math.min(lattice.columns.cells, maxColumn + 1) - firstColumn + 1;
  const rows = Math.min(lattice.rows.cells, maxRow + 1) - firstRow + 1;
  const values = scratch.subarray(0, columns * rows);
  for (let row = 0; row < rows; row++) {
    // A plane of one sample has one cell, whose two ends are that sample.
    const source = Math.min(height - 1, firstRow + row) * width;
    for (let column = 0; column < columns; column++) {
      values[column * rows + row] = data[source + Math.min(width - 1, firstColumn + column)]!;
    }
  }
  return { firstColumn, firstRow, columns, rows, values };
}

/** Reused: thousands of candidates would each leave one behind. */
let differencesBuffer = new Float32Array(0);

/** @param base - The value that matters most: the threshold of the mask. */
export function compactRegion(region: PlaneRegion, base: number): CompactRegion {
  const { firstColumn, firstRow, columns, rows, values } = region;
  if (differencesBuffer.length < values.length) differencesBuffer = new Float32Array(values.length);
  const differences = differencesBuffer.subarray(0, values.length);
  for (let index = 0; index < values.length; index++) {
    const difference = values[index]! - base;
    differences[index] =
      difference > MAX_FLOAT16 ? MAX_FLOAT16 : difference < -MAX_FLOAT16 ? -MAX_FLOAT16 : difference;
  }
  return { firstColumn, firstRow, columns, rows, base, halves: toFloat16Bits(differences) };
}

/** @returns The region with values relative to its `base`. */
export function expandRegion(region: CompactRegion): PlaneRegion {
  const { firstColumn, firstRow, columns, rows, halves } = region;
  return { firstColumn, firstRow, columns, rows, values: fromFloat16Bits(halves) };
}
