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
  const plane = size * size;
  const data = new Float32Array(plane * 3);
  const [red, green, blue] = normalization.mean.map((mean, channel) =>
    lookupTable(mean, normalization.std[channel]!),
  ) as [Float32Array, Float32Array, Float32Array];
  let source = 0;
  for (let y = 0; y < resizedHeight; y++) {
    let target = y * size;
    for (let x = 0; x < resizedWidth; x++, target++, source += 3) {
      data[target] = red[rgb[source]!]!;
      data[target + plane] = green[rgb[source + 1]!]!;
      data[target + 2 * plane] = blue[rgb[source + 2]!]!;
    }
  }
  return float32Tensor(data, [1, 3, size, size]);
}

function lookupTable(mean: number, std: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, value) => (value - mean) / std);
}
