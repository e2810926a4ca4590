import type { RunBuilder } from "../../mask/run-builder.js";
import type { MaskBox } from "./box-nms.js";
import type { LatticeAxis, PixelLattice } from "./pixel-lattice.js";
import type { PlaneRegion } from "./plane-region.js";

/** What a plane's pixels above a level amount to. */
export interface PlaneExtent {
  /** Pixels above the level. */
  readonly area: number;
  readonly box: MaskBox;
}

/** Where runs go: a mask of `imageHeight` rows in which the scanned picture begins at column `x0`, row `y0`. */
export interface RunTarget {
  readonly builder: RunBuilder;
  readonly x0: number;
  readonly y0: number;
  readonly imageHeight: number;
}

export const emptyExtent: PlaneExtent = { area: 0, box: { minX: 0, minY: 0, maxX: 0, maxY: 0 } };

/** Solutions nearer than this to a pixel's centre, in pixels, may have been rounded to its wrong side. */
const TIE_DISTANCE = 1e-6;

/** Cell rows of the current cell column that a border can pass through. Grows; never shared between calls under way. */
let mixedRows = new Int32Array(256);

/**
 * Finds the pixels whose bilinear value exceeds `level`, without making them: between samples of one sign there is no
 * border, so only the few mixed cells of each cell column are looked at, and in them each pixel column's border is solved.
 * Equal to upsampling the plane (half-pixel centres, no corner alignment) and comparing each pixel.
 * @param region - Must hold every value above `level`.
 * @param target - Also writes the pixels there as runs.
 */
export function scanPlane(
  region: PlaneRegion,
  lattice: PixelLattice,
  level: number,
  target?: RunTarget,
): PlaneExtent {
  const { values, rows: regionRows, firstColumn, firstRow } = region;
  const { columns: xAxis, rows: yAxis } = lattice;
  const cellRows = regionRows - 1;
  if (mixedRows.length < cellRows) mixedRows = new Int32Array(cellRows);
  const mixed = mixedRows;
  const { firstPixel: cellPixels, pixelsPerSample } = yAxis;
  const top = cellPixels[firstRow]!;
  const end = cellPixels[firstRow + cellRows]!;
  let area = 0;
  let minX = -1;
  let minY = end;
  let maxX = -1;
  let maxY = -1;
  for (let column = 0; column + 1 < region.columns; column++) {
    const firstPixel = xAxis.firstPixel[firstColumn + column]!;
    const endPixel = xAxis.firstPixel[firstColumn + column + 1]!;
    if (firstPixel === endPixel) continue;
    const left = column * regionRows;
    const right = left + regionRows;
    let mixedCount = 0;
    let leftAbove = values[left]! > level;
    let rightAbove = values[right]! > level;
    for (let row = 0; row < cellRows; row++) {
      const nextLeftAbove = values[left + row + 1]! > level;
      const nextRightAbove = values[right + row + 1]! > level;
      if (leftAbove !== rightAbove || leftAbove !== nextLeftAbove || leftAbove !== nextRightAbove)
        mixed[mixedCount++] = row;
      leftAbove = nextLeftAbove;
      rightAbove = nextRightAbove;
    }
    if (mixedCount === 0 && !leftAbove) continue;
    for (let x = firstPixel; x < endPixel; x++) {
      const fraction = xAxis.fraction[x]!;
      const first = values[left]! + (values[right]! - values[left]!) * fraction;
      let inside = first > level;
      let start = top;
      let found = false;
      let lower = first;
      let rowBelow = 0;
      for (let place = 0; place < mixedCount; place++) {
        const row = mixed[place]!;
        let upper = lower;
        if (row !== rowBelow) {
          const upperLeft = values[left + row]!;
          upper = upperLeft + (values[right + row]! - upperLeft) * fraction;
        }
        rowBelow = row + 1;
        const lowerLeft = values[left + rowBelow]!;
        lower = lowerLeft + (values[right + rowBelow]! - lowerLeft) * fraction;
        if (lower > level === inside) continue;
        // Solved here: a call would box its numbers, thousands of times for each plane.
        const cell = firstRow + row;
        const cellPixel = cellPixels[cell]!;
        const cellEnd = cellPixels[cell + 1]!;
        let border = cellPixel;
        if (cellPixel < cellEnd) {
          const solution = (cell + (level - upper) / (lower - upper) + 0.5) * pixelsPerSample - 0.5;
          border = Math.ceil(solution) | 0;
          const excess = border - solution;
          if (excess < TIE_DISTANCE || excess > 1 - TIE_DISTANCE) {
            border = firstPixelBeyond(yAxis, cell, border, upper, lower, level);
          } else if (border < cellPixel) border = cellPixel;
          else if (border > cellEnd) border = cellEnd;
        }
        if (inside && border > start) {
          area += border - start;
          if (start < minY) minY = start;
          if (border > maxY) maxY = border;
          found = true;
          if (target)
            target.builder.addRun((target.x0 + x) * target.imageHeight + target.y0 + start, border - start);
        }
        inside = !inside;
        start = border;
      }
      if (inside && end > start) {
        area += end - start;
        if (start < minY) minY = start;
        maxY = end;
        found = true;
        if (target)
          target.builder.addRun((target.x0 + x) * target.imageHeight + target.y0 + start, end - start);
      }
      if (found) {
        if (minX < 0) minX = x;
        maxX = x;
      }
    }
  }
  return area === 0 ? emptyExtent : { area, box: { minX, minY, maxX, maxY: maxY - 1 } };
}

/** One flag for each sample of two neighbouring plane columns: 1 above the tight level, 2 above the wide one. */
let leftFlags = new Uint8Array(256);
let rightFlags = new Uint8Array(256);

/**
 * A quick upper bound of the stability score, from whole cells: pixels of cells that touch the tight mask, over pixels of
 * cells that lie in the wide mask altogether. Infinite when there is no such cell.
 */
export function stabilityBound(
  region: PlaneRegion,
  lattice: PixelLattice,
  tight: number,
  wide: number,
): number {
  const { values, rows: regionRows, firstColumn, firstRow } = region;
  const { columns: xAxis, rows: yAxis } = lattice;
  if (leftFlags.length < regionRows) {
    leftFlags = new Uint8Array(regionRows);
    rightFlags = new Uint8Array(regionRows);
  }
  let left = leftFlags;
  let right = rightFlags;
  flagColumn(values, 0, regionRows, tight, wide, right);
  const xPixels = xAxis.firstPixel;
  const yPixels = yAxis.firstPixel;
  let touched = 0;
  let covered = 0;
  for (let column = 0; column + 1 < region.columns; column++) {
    const passed = left;
    left = right;
    right = passed;
    flagColumn(values, (column + 1) * regionRows, regionRows, tight, wide, right);
    const pixelColumns = xPixels[firstColumn + column + 1]! - xPixels[firstColumn + column]!;
    if (pixelColumns === 0) continue;
    let touchedRows = 0;
    let coveredRows = 0;
    let above = left[0]! | right[0]!;
    let both = left[0]! & right[0]!;
    for (let row = 0; row + 1 < regionRows; row++) {
      const l = left[row + 1]!;
      const r = right[row + 1]!;
      const pixelRows = yPixels[firstRow + row + 1]! - yPixels[firstRow + row]!;
      if (((above | l | r) & 1) !== 0) touchedRows += pixelRows;
      if ((both & l & r & 2) !== 0) coveredRows += pixelRows;
      above = l | r;
      both = l & r;
    }
    touched += touchedRows * pixelColumns;
    covered += coveredRows * pixelColumns;
  }
  return covered === 0 ? Number.POSITIVE_INFINITY : touched / covered;
}

function flagColumn(
  values: Float32Array,
  start: number,
  rows: number,
  tight: number,
  wide: number,
  flags: Uint8Array,
): void {
  for (let row = 0; row < rows; row++) {
    const value = values[start + row]!;
    flags[row] = value > tight ? 3 : value > wide ? 2 : 0;
  }
}

/**
 * The first pixel row of a cell on the far side of a border that runs through the very centre of a pixel, or as near as
 * rounding reaches: found by comparing, as if every pixel were compared.
 * @param near - About where it is.
 */
function firstPixelBeyond(
  axis: LatticeAxis,
  cell: number,
  near: number,
  upper: number,
  lower: number,
  level: number,
): number {
  const first = axis.firstPixel[cell]!;
  const end = axis.firstPixel[cell + 1]!;
  const above = lower > level;
  const slope = lower - upper;
  let pixel = Math.min(end, Math.max(first, near));
  while (pixel > first && upper + slope * axis.fraction[pixel - 1]! > level === above) pixel--;
  while (pixel < end && upper + slope * axis.fraction[pixel]! > level !== above) pixel++;
  return pixel;
}
