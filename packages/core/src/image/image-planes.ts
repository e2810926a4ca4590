import { float32Tensor, type TensorOf } from "../backend/tensor.js";
import { type CallOptions, throwIfAborted } from "../cancellation.js";
import { pause } from "../pause.js";
import { resizeRgb } from "./antialiased-resize.js";
import type { RgbaImage } from "./rgba-image.js";

/**
 * Pictures with a longer side are shrunk to it first. The models that take pictures at their own size bring them to about 1000
 * pixels anyway, without antialiasing; and 50 million pixels would take 600 MB as float32.
 */
const LONGEST_SIDE = 4096;

/** Rows between two pauses hold about this many pixels: a few milliseconds of work. */
const PIXELS_PER_SLICE = 500_000;

/**
 * A picture at its own size as planes, for graphs that resize and normalise by themselves. Beyond 4096 pixels on a side it is
 * shrunk to that.
 * @returns float32 `[1, 3, height, width]`, RGB in 0..1; alpha is dropped.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`.
 */
export async function planesOfPicture(
  image: RgbaImage,
  options: CallOptions = {},
): Promise<TensorOf<"float32">> {
  const scale = LONGEST_SIDE / Math.max(image.width, image.height);
  if (scale >= 1) return planes(image.data, 4, image.width, image.height, options);
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  return planes(await resizeRgb(image, width, height, options), 3, width, height, options);
}

async function planes(
  pixels: ArrayLike<number>,
  channels: 3 | 4,
  width: number,
  height: number,
  options: CallOptions,
): Promise<TensorOf<"float32">> {
  const length = width * height;
  const data = new Float32Array(length * 3);
  for (let start = 0; start < length; start += PIXELS_PER_SLICE) {
    if (start > 0) await pause();
    throwIfAborted(options.signal);
    const end = Math.min(length, start + PIXELS_PER_SLICE);
    for (let channel = 0; channel < 3; channel++)
      writeSlice(data, channel * length, pixels, channels, channel, start, end);
  }
  return float32Tensor(data, [1, 3, height, width]);
}

function writeSlice(
  data: Float32Array,
  planeStart: number,
  pixels: ArrayLike<number>,
  channels: number,
  channel: number,
  start: number,
  end: number,
): void {
  for (let index = start, source = start * channels + channel; index < end; index++, source += channels)
    data[planeStart + index] = pixels[source]! / 255;
}
