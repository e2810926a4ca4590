import { float32Tensor, type TensorOf } from "../../backend/tensor.js";
import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import { resizeRgb } from "../../image/antialiased-resize.js";
import type { RgbaImage } from "../../image/rgba-image.js";
import { pause } from "../../pause.js";
import type { PictureFrame } from "./picture-frame.js";
import type { PictureInput } from "./picture-input.js";

/**
 * Resizes a picture, orders its channels and normalises it.
 * @param withBatch - Whether the input has a batch axis.
 * @returns float32 `[1, 3, height, width]`, or `[3, height, width]` without a batch axis.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`.
 */
export async function pictureTensor(
  image: RgbaImage,
  frame: PictureFrame,
  input: PictureInput,
  withBatch: boolean,
  options: CallOptions = {},
): Promise<TensorOf<"float32">> {
  const { width, height, resizedWidth, resizedHeight } = frame;
  const rgb = await resizeRgb(image, resizedWidth, resizedHeight, {
    ...options,
    filter: input.filter ?? "bilinear",
  });
  const brightest = input.maximum === "own" ? Math.max(1, maximumOf(rgb)) : 255;
  const data = new Float32Array(width * height * 3);
  for (let channel = 0; channel < 3; channel++) {
    await pause();
    throwIfAborted(options.signal);
    const normalised = lookupTable(input.mean[channel]!, input.std[channel]!, 255 / brightest);
    const plane = data.subarray(channel * width * height, (channel + 1) * width * height);
    // Stated only for letterboxes; all other padding is 0 after normalising, as an empty tensor is.
    if (input.resize.rule === "letterbox") plane.fill(normalised[input.resize.fill]!);
    writePlane(plane, frame, rgb, input.channels === "bgr" ? 2 - channel : channel, normalised);
  }
  const dims = [3, height, width];
  return float32Tensor(data, withBatch ? [1, ...dims] : dims);
}

function writePlane(
  plane: Float32Array,
  { width, left, top, resizedWidth, resizedHeight }: PictureFrame,
  rgb: Uint8ClampedArray,
  colour: number,
  normalised: Float32Array,
): void {
  for (let y = 0, source = colour; y < resizedHeight; y++) {
    const start = (top + y) * width + left;
    for (let x = 0; x < resizedWidth; x++, source += 3) plane[start + x] = normalised[rgb[source]!]!;
  }
}

function maximumOf(values: Uint8ClampedArray): number {
  let maximum = 0;
  for (let index = 0; index < values.length; index++) if (values[index]! > maximum) maximum = values[index]!;
  return maximum;
}

function lookupTable(mean: number, std: number, gain: number): Float32Array {
  const table = new Float32Array(256);
  for (let value = 0; value < 256; value++) table[value] = (value * gain - mean) / std;
  return table;
}
