import type { RgbaImage } from "../image/rgba-image.js";
import type { PixelWindow } from "../mask/window.js";
import { blurInPlace } from "./blur.js";
import { type Canvas, emptyCanvas } from "./pixels.js";

/**
 * Blurs one part of a picture. Clear pixels lend no colour, and neither do pixels of weight 0: a subject that is weighted
 * out does not bleed into the blurred background. Pixels that see nothing but weight 0 keep their own colour.
 * @param standardDeviation - In pixels, as CSS's `blur()`.
 * @param weights - Row-major over the whole picture, 0..255; every pixel counts fully when absent.
 * @returns A picture of the window's size.
 */
export function blurWindow(image: RgbaImage, window: PixelWindow, standardDeviation: number, weights?: Uint8Array): Canvas {
  const { width, height } = window;
  const result = emptyCanvas(width, height);
  // Red, green and blue times weight, weight, and whether alpha has to be blurred too.
  const values = new Float32Array(width * height * 4);
  const alphas = new Float32Array(width * height * 2);
  let solid = true;
  for (let row = 0, pixel = 0; row < height; row++) {
    let source = (window.y + row) * image.width + window.x;
    for (let column = 0; column < width; column++, pixel++, source++) {
      const alpha = image.data[source * 4 + 3]!;
      const weight = weights ? weights[source]! / 255 : 1;
      const colorWeight = (weight * alpha) / 255;
      for (let channel = 0; channel < 3; channel++) {
        values[pixel * 4 + channel] = image.data[source * 4 + channel]! * colorWeight;
      }
      values[pixel * 4 + 3] = colorWeight;
      alphas[pixel * 2] = alpha * weight;
      alphas[pixel * 2 + 1] = weight;
      if (alpha !== 255) solid = false;
    }
  }
  blurInPlace(values, width, height, 4, standardDeviation);
  if (!solid) blurInPlace(alphas, width, height, 2, standardDeviation);
  const { data } = result;
  for (let row = 0, pixel = 0; row < height; row++) {
    let source = ((window.y + row) * image.width + window.x) * 4;
    for (let column = 0; column < width; column++, pixel++, source += 4) {
      const weight = values[pixel * 4 + 3]!;
      const alphaWeight = alphas[pixel * 2 + 1]!;
      // Running sums leave crumbs of about 1e-6 where every weight was 0.
      const seen = weight > 1e-4;
      for (let channel = 0; channel < 3; channel++) {
        data[pixel * 4 + channel] = seen ? values[pixel * 4 + channel]! / weight : image.data[source + channel]!;
      }
      data[pixel * 4 + 3] = solid ? 255 : alphaWeight > 1e-4 ? alphas[pixel * 2]! / alphaWeight : image.data[source + 3]!;
    }
  }
  return result;
}

/** Blurs a plane of bytes; beyond its edges it is taken as 0. */
export function blurPlane(plane: Uint8Array, width: number, height: number, standardDeviation: number): Uint8ClampedArray {
  const values = Float32Array.from(plane);
  blurInPlace(values, width, height, 1, standardDeviation);
  return Uint8ClampedArray.from(values);
}
