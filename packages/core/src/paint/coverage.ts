import { featherAlpha } from "../mask/alpha.js";
import type { Mask } from "../mask/mask.js";
import { type RowChanges, rowChangesFromRuns } from "../mask/row-changes.js";
import { type PixelWindow, windowAround } from "../mask/window.js";

/** How much of each pixel a mask covers: either whole pixels, as spans, or a soft plane. */
export type Coverage =
  | {
      readonly kind: "hard";
      readonly window: PixelWindow;
      readonly changes: RowChanges;
      readonly width: number;
    }
  | {
      readonly kind: "soft";
      /** Outside this part of the picture nothing is covered. */
      readonly window: PixelWindow;
      /** 0..255, row-major over the whole picture. */
      readonly alpha: Uint8Array;
      readonly width: number;
    };

/**
 * The pixels that a layer covers: with a feather the softened border, else the mask's own soft edge where it carries one,
 * else exactly the mask's pixels.
 */
export function coverageOf(mask: Mask, featherPixels = 0): Coverage {
  const { width, height } = mask;
  if (featherPixels > 0) {
    const window = windowAround(mask.bbox, featherPixels + 1, width, height);
    return { kind: "soft", window, alpha: featherAlpha(mask, featherPixels).gray, width };
  }
  if (mask.alpha)
    return {
      kind: "soft",
      window: windowOfPlane(mask.alpha.gray, width, height),
      alpha: mask.alpha.gray,
      width,
    };
  return { kind: "hard", window: mask.bbox, changes: rowChangesFromRuns(mask.runs, width, height), width };
}

/** @param isWhole - Whether every pixel of the span is covered wholly; else its coverage lies between. */
export type SpanVisitor = (y: number, start: number, end: number, isWhole: boolean) => void;

/**
 * Visits what is covered, row by row from the top.
 * @param visit - Gets row, first column, column after the last; all of it is covered by some amount, hard masks wholly.
 */
export function forEachCoveredSpan(coverage: Coverage, visit: SpanVisitor): void {
  const { window, width } = coverage;
  for (let y = window.y; y < window.y + window.height; y++) {
    if (coverage.kind === "soft") {
      visitSoftRow(coverage.alpha, y, width, window, visit);
      continue;
    }
    const { rowStart, columns } = coverage.changes;
    const last = rowStart[y + 1]!;
    for (let index = rowStart[y]!; index < last; index += 2) {
      visit(y, columns[index]!, index + 1 < last ? columns[index + 1]! : width, true);
    }
  }
}

/** Spans of one row of a soft plane: a new one begins wherever whole coverage begins or ends. */
function visitSoftRow(
  alpha: Uint8Array,
  y: number,
  width: number,
  window: PixelWindow,
  visit: SpanVisitor,
): void {
  const row = y * width;
  const end = row + window.x + window.width;
  for (let pixel = row + window.x; pixel < end; ) {
    while (pixel < end && alpha[pixel] === 0) pixel++;
    const start = pixel;
    if (alpha[pixel] === 255) {
      while (pixel < end && alpha[pixel] === 255) pixel++;
      visit(y, start - row, pixel - row, true);
      continue;
    }
    while (pixel < end && alpha[pixel] !== 0 && alpha[pixel] !== 255) pixel++;
    if (start < pixel) visit(y, start - row, pixel - row, false);
  }
}

/** Coverage as one plane over the whole picture, 0..255. Do not write to it. */
export function alphaPlane(mask: Mask, coverage: Coverage): Uint8Array {
  return coverage.kind === "soft" ? coverage.alpha : mask.toBitmap(255);
}

function windowOfPlane(plane: Uint8Array, width: number, height: number): PixelWindow {
  let minX = width;
  let maxX = -1;
  let minY = height;
  let maxY = -1;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let first = 0;
    while (first < width && plane[row + first] === 0) first++;
    if (first === width) continue;
    let last = width - 1;
    while (plane[row + last] === 0) last--;
    if (first < minX) minX = first;
    if (last > maxX) maxX = last;
    if (minY === height) minY = y;
    maxY = y;
  }
  return maxY < 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: minX, y: minY, width: maxX - minX + 1, height: maxY - minY + 1 };
}
