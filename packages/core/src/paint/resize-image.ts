import type { ImageSize, RgbaImage } from "../image/rgba-image.js";
import { type Canvas, emptyCanvas } from "./pixels.js";

/** For each output position: the first input position, and the weights of it and those after it. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/** A triangle over the input, widened when shrinking so that every input pixel counts. */
function tapsOf(inputLength: number, outputLength: number): Taps[] {
  const scale = inputLength / outputLength;
  const support = Math.max(1, scale);
  return Array.from({ length: outputLength }, (_, output) => {
    const centre = (output + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - support));
    const last = Math.min(inputLength - 1, Math.floor(centre + support));
    const weights: number[] = [];
    for (let input = first; input <= last; input++)
      weights.push(Math.max(0, 1 - Math.abs(input - centre) / support));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Resizes with alpha taken into account: the colour of clear pixels does not leak into their neighbours. */
export function resizeImage(image: RgbaImage, width: number, height: number): Canvas {
  const result = emptyCanvas(width, height);
  if (width === image.width && height === image.height) {
    result.data.set(image.data);
    return result;
  }
  const narrowed = resizeRows(image, tapsOf(image.width, width));
  const rowLength = width * 4;
  const sums = new Float64Array(rowLength);
  tapsOf(image.height, height).forEach(({ first, weights }, y) => {
    sums.fill(0);
    weights.forEach((weight, tap) => {
      const row = (first + tap) * rowLength;
      for (let index = 0; index < rowLength; index++) sums[index]! += weight * narrowed[row + index]!;
    });
    for (let index = 0, target = y * rowLength; index < rowLength; index += 4, target += 4) {
      const alpha = sums[index + 3]!;
      if (alpha <= 0) continue;
      result.data[target] = sums[index]! / alpha;
      result.data[target + 1] = sums[index + 1]! / alpha;
      result.data[target + 2] = sums[index + 2]! / alpha;
      result.data[target + 3] = alpha * 255;
    }
  });
  return result;
}

/** @returns Premultiplied, alpha 0..1: row-major `[image.height, columns, 4]`. */
function resizeRows(image: RgbaImage, columns: readonly Taps[]): Float32Array {
  const result = new Float32Array(columns.length * image.height * 4);
  let target = 0;
  for (let y = 0; y < image.height; y++) {
    for (const { first, weights } of columns) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      let source = (y * image.width + first) * 4;
      for (const weight of weights) {
        const share = (weight * image.data[source + 3]!) / 255;
        red += share * image.data[source]!;
        green += share * image.data[source + 1]!;
        blue += share * image.data[source + 2]!;
        alpha += share;
        source += 4;
      }
      result[target] = red;
      result[target + 1] = green;
      result[target + 2] = blue;
      result[target + 3] = alpha;
      target += 4;
    }
  }
  return result;
}

/** The largest size of the same shape that fits into a cell, at least 1 × 1. */
export function sizeToFit(image: ImageSize, cell: ImageSize): ImageSize {
  const scale = Math.min(cell.width / image.width, cell.height / image.height);
  return {
    width: Math.max(1, Math.min(cell.width, Math.round(image.width * scale))),
    height: Math.max(1, Math.min(cell.height, Math.round(image.height * scale))),
  };
}

/** Resizes so that the picture covers a cell, and cuts what is over, evenly on both sides. */
export function resizeToCover(image: RgbaImage, cell: ImageSize): Canvas {
  const scale = Math.max(cell.width / image.width, cell.height / image.height);
  const width = Math.max(cell.width, Math.round(image.width * scale));
  const height = Math.max(cell.height, Math.round(image.height * scale));
  const whole = resizeImage(image, width, height);
  const left = (width - cell.width) >> 1;
  const top = (height - cell.height) >> 1;
  const result = emptyCanvas(cell.width, cell.height);
  for (let y = 0; y < cell.height; y++) {
    const start = ((top + y) * width + left) * 4;
    result.data.set(whole.data.subarray(start, start + cell.width * 4), y * cell.width * 4);
  }
  return result;
}
