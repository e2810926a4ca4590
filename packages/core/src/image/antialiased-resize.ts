import { type CallOptions, throwIfAborted } from "../cancellation.js";
import { pause } from "../pause.js";
import type { RgbaImage } from "./rgba-image.js";

/** Fraction bits of the fixed-point weights: 8 bits of pixel and 2 of headroom leave 22 of 32. */
const WEIGHT_BITS = 22;
const HALF = 1 << (WEIGHT_BITS - 1);

/** Filter taps between two pauses: about three milliseconds of work, so that timers and input go on meanwhile. */
const TAPS_PER_SLICE = 1_500_000;

/** For every output position: the first input position, how many follow, and their weights (fixed point, sum ≈ 1). */
interface ResampleTable {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` weights for each output position. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** How far neighbours count, and how much: Pillow's "bilinear" and "lanczos". */
export type ResizeFilter = "bilinear" | "lanczos";

const filters: Readonly<
  Record<ResizeFilter, { readonly reach: number; weightAt(distance: number): number }>
> = {
  bilinear: { reach: 1, weightAt: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  lanczos: {
    reach: 3,
    weightAt: (distance) => (Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0),
  },
};

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

/**
 * A filter widened by the scale when shrinking, half-pixel centres: Pillow's resizing with antialias, which SAM's
 * preprocessing uses. Source of the formula: python-pillow/Pillow, src/libImaging/Resample.c.
 */
function resampleTable(inputLength: number, outputLength: number, filter: ResizeFilter): ResampleTable {
  const { reach, weightAt } = filters[filter];
  const scale = inputLength / outputLength;
  const filterScale = Math.max(scale, 1);
  const support = reach * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputLength);
  const count = new Int32Array(outputLength);
  const weights = new Int32Array(outputLength * stride);
  const raw = new Float64Array(stride);
  for (let output = 0; output < outputLength; output++) {
    const centre = (output + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(inputLength, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let input = start; input < end; input++) {
      const weight = weightAt((input - centre + 0.5) / filterScale);
      raw[input - start] = weight;
      sum += weight;
    }
    first[output] = start;
    count[output] = end - start;
    for (let tap = 0; tap < end - start; tap++) {
      const weight = (raw[tap]! / sum) * (1 << WEIGHT_BITS);
      weights[output * stride + tap] = Math.trunc(weight + (weight < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, weights, stride };
}

/**
 * Shrinks or enlarges the colour channels of a picture; alpha is dropped, as the models see RGB.
 * @param options.filter - Default `"bilinear"`.
 * @returns 8-bit RGB, row-major `[height, width, 3]`, rounded after each of the two passes as Pillow does.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`.
 */
export async function resizeRgb(
  image: RgbaImage,
  width: number,
  height: number,
  options: CallOptions & { readonly filter?: ResizeFilter } = {},
): Promise<Uint8ClampedArray> {
  const { filter = "bilinear" } = options;
  const horizontal = resampleTable(image.width, width, filter);
  const vertical = resampleTable(image.height, height, filter);
  const narrowed = new Uint8ClampedArray(width * image.height * 3);
  const rowsPerSlice = Math.max(1, Math.floor(TAPS_PER_SLICE / (width * horizontal.stride)));
  for (let row = 0; row < image.height; row += rowsPerSlice) {
    if (row > 0) await pause();
    throwIfAborted(options.signal);
    narrowRows(image, horizontal, narrowed, row, Math.min(image.height, row + rowsPerSlice));
  }
  await pause();
  return shrinkColumns(narrowed, vertical, width * 3, height);
}

// The inner loops are plain functions of one row each: an engine optimises those after the first few rows of the first
// picture, but a loop in the body of an async function late and badly.

function narrowRows(
  { data, width }: RgbaImage,
  table: ResampleTable,
  result: Uint8ClampedArray,
  firstRow: number,
  endRow: number,
): void {
  const resultRowLength = table.first.length * 3;
  for (let y = firstRow; y < endRow; y++) narrowRow(data, y * width * 4, table, result, y * resultRowLength);
}

function narrowRow(
  data: RgbaImage["data"],
  rowStart: number,
  { first, count, weights, stride }: ResampleTable,
  result: Uint8ClampedArray,
  resultStart: number,
): void {
  const width = first.length;
  let target = resultStart;
  for (let x = 0; x < width; x++) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    let source = rowStart + first[x]! * 4;
    let tap = x * stride;
    const end = tap + count[x]!;
    for (; tap < end; tap++) {
      const weight = weights[tap]!;
      red = (red + weight * data[source]!) | 0;
      green = (green + weight * data[source + 1]!) | 0;
      blue = (blue + weight * data[source + 2]!) | 0;
      source += 4;
    }
    result[target] = red >> WEIGHT_BITS;
    result[target + 1] = green >> WEIGHT_BITS;
    result[target + 2] = blue >> WEIGHT_BITS;
    target += 3;
  }
}

function shrinkColumns(
  source: Uint8ClampedArray,
  { first, count, weights, stride }: ResampleTable,
  rowLength: number,
  height: number,
): Uint8ClampedArray {
  const result = new Uint8ClampedArray(rowLength * height);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let tap = 0; tap < count[y]!; tap++) {
      addWeightedRow(sums, source, (first[y]! + tap) * rowLength, weights[y * stride + tap]!);
    }
    writeRow(sums, result, y * rowLength);
  }
  return result;
}

function addWeightedRow(sums: Int32Array, source: Uint8ClampedArray, start: number, weight: number): void {
  for (let index = 0; index < sums.length; index++) {
    sums[index] = (sums[index]! + weight * source[start + index]!) | 0;
  }
}

function writeRow(sums: Int32Array, result: Uint8ClampedArray, start: number): void {
  for (let index = 0; index < sums.length; index++) result[start + index] = sums[index]! >> WEIGHT_BITS;
}
