import type { RgbaImage } from "../image/rgba-image.js";
import type { PixelWindow } from "../mask/window.js";
import { blurInPlace } from "./blur.js";
import { type Canvas, emptyCanvas } from "./pixels.js";

/** Running sums leave crumbs of about 1e-6 where every weight was 0. */
const NO_WEIGHT = 1e-4;

/**
 * Blurs one part of a picture. Clear pixels lend no colour, and neither do pixels of weight 0: a subject that is weighted
 * out does not bleed into the blurred background. Pixels that see nothing but weight 0 keep their own colour.
 * @param standardDeviation - In pixels, as CSS's `blur()`.
 * @param weights - Row-major over the whole picture, 0..255; every pixel counts fully when absent.
 * @returns A picture of the window's size.
 */
export function blurWindow(
  image: RgbaImage,
  window: PixelWindow,
  standardDeviation: number,
  weights?: Uint8Array,
): Canvas {
  const { width, height } = window;
  const result = emptyCanvas(width, height);
  // Red, green and blue times their weight, and the weight.
  const values = new Float32Array(width * height * 4);
  let solid = true;
  for (let row = 0, target = 0; row < height; row++) {
    let source = (window.y + row) * image.width + window.x;
    for (let column = 0; column < width; column++, target += 4, source++) {
      const offset = source * 4;
      const alpha = image.data[offset + 3]!;
      if (alpha !== 255) solid = false;
      const weight = weights ? (weights[source]! * alpha) / 65025 : alpha / 255;
      values[target] = image.data[offset]! * weight;
      values[target + 1] = image.data[offset + 1]! * weight;
      values[target + 2] = image.data[offset + 2]! * weight;
      values[target + 3] = weight;
    }
  }
  blurInPlace(values, width, height, 4, standardDeviation);
  const alphas = solid ? undefined : blurredAlpha(image, window, standardDeviation, weights);
  const { data } = result;
  for (let row = 0, pixel = 0; row < height; row++) {
    let source = ((window.y + row) * image.width + window.x) * 4;
    for (let column = 0; column < width; column++, pixel++, source += 4) {
      const target = pixel * 4;
      const weight = values[target + 3]!;
      if (weight > NO_WEIGHT) {
        const scale = 1 / weight;
        data[target] = values[target]! * scale;
        data[target + 1] = values[target + 1]! * scale;
        data[target + 2] = values[target + 2]! * scale;
      } else {
        data[target] = image.data[source]!;
        data[target + 1] = image.data[source + 1]!;
        data[target + 2] = image.data[source + 2]!;
      }
      data[target + 3] = alphas ? alphas[pixel]! : 255;
    }
  }
  return result;
}

/** Blurs the alpha channel alone, as far as pixels count. */
function blurredAlpha(
  image: RgbaImage,
  window: PixelWindow,
  standardDeviation: number,
  weights?: Uint8Array,
): Uint8ClampedArray {
  const { width, height } = window;
  const values = new Float32Array(width * height * 2);
  const alphaAt = (row: number, column: number) =>
    image.data[((window.y + row) * image.width + window.x + column) * 4 + 3]!;
  for (let row = 0, target = 0; row < height; row++) {
    for (let column = 0; column < width; column++, target += 2) {
      const weight = weights ? weights[(window.y + row) * image.width + window.x + column]! / 255 : 1;
      values[target] = alphaAt(row, column) * weight;
      values[target + 1] = weight;
    }
  }
  blurInPlace(values, width, height, 2, standardDeviation);
  return Uint8ClampedArray.from({ length: width * height }, (_, pixel) => {
    const weight = values[pixel * 2 + 1]!;
    return weight > NO_WEIGHT
      ? values[pixel * 2]! / weight
      : alphaAt(Math.floor(pixel / width), pixel % width);
  });
}

/** Blurs a plane of bytes; beyond its edges it is taken as 0. */
export function blurPlane(
  plane: Uint8Array,
  width: number,
  height: number,
  standardDeviation: number,
): Uint8ClampedArray {
  const values = Float32Array.from(plane);
  blurInPlace(values, width, height, 1, standardDeviation);
  return Uint8ClampedArray.from(values);
}
