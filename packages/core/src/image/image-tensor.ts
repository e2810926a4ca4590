import { float32Tensor, type TensorOf } from "../backend/tensor.js";
import type { CallOptions } from "../cancellation.js";
import { resizeRgb } from "./antialiased-resize.js";
import type { FrameFit } from "./frame-fit.js";
import type { RgbaImage } from "./rgba-image.js";

/** Per-channel constants on the 0..255 scale, in RGB order. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Resizes into the model's frame and normalises: `(value - mean) / std`, zeros where the picture does not reach.
 * @returns float32 `[1, 3, size, size]`, RGB planes.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`.
 */
export async function imageToTensor(
  image: RgbaImage,
  fit: FrameFit,
  normalization: Normalization,
  options: CallOptions = {},
): Promise<TensorOf<"float32">> {
  const { size, resizedWidth, resizedHeight } = fit;
  const rgb = await resizeRgb(image, resizedWidth, resizedHeight, options);
  const data = new Float32Array(size * size * 3);
  for (let channel = 0; channel < 3; channel++) {
    const normalized = lookupTable(normalization.mean[channel]!, normalization.std[channel]!);
    for (let y = 0; y < resizedHeight; y++) {
      writeRow(
        data,
        (channel * size + y) * size,
        rgb,
        y * resizedWidth * 3 + channel,
        resizedWidth,
        normalized,
      );
    }
  }
  return float32Tensor(data, [1, 3, size, size]);
}

/** One row of one channel; small and called often, so that an engine optimises it during the first picture. */
function writeRow(
  data: Float32Array,
  start: number,
  rgb: Uint8ClampedArray,
  rgbStart: number,
  width: number,
  normalized: Float32Array,
): void {
  for (let x = 0, source = rgbStart; x < width; x++, source += 3) data[start + x] = normalized[rgb[source]!]!;
}

function lookupTable(mean: number, std: number): Float32Array {
  const table = new Float32Array(256);
  for (let value = 0; value < 256; value++) table[value] = (value - mean) / std;
  return table;
}
