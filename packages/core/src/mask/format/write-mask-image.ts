import type { ImageCodec } from "../../backend/image-codec.js";
import type { CallOptions } from "../../cancellation.js";
import type { Mask } from "../mask.js";

/**
 * A gray PNG: 255 inside and 0 outside, one bit a pixel with `bitDepth: 1`. With `soft` a mask that carries a soft edge
 * shows it.
 * @throws MaskeryError as `ImageCodec.encode`.
 */
export function maskToPng(
  mask: Mask,
  codec: ImageCodec,
  options: CallOptions & { readonly bitDepth?: 1 | 8; readonly soft?: boolean } = {},
): Promise<Uint8Array> {
  const { soft, ...encodeOptions } = options;
  const image = soft && mask.alpha ? mask.alpha : mask.toGrayImage();
  return codec.encode(image, { ...encodeOptions, format: "png" });
}

/**
 * A WebP whose alpha is the mask and whose colour is white: a browser can use it as a CSS mask as it is. Alpha is stored
 * without loss by codecs that do not say otherwise; the soft edge is used where the mask carries one.
 * @throws MaskeryError as `ImageCodec.encode`.
 */
export function maskToWebp(mask: Mask, codec: ImageCodec, options: CallOptions = {}): Promise<Uint8Array> {
  const alpha = (mask.alpha ?? mask.toGrayImage()).gray;
  const data = new Uint8ClampedArray(alpha.length * 4).fill(255);
  for (let pixel = 0; pixel < alpha.length; pixel++) data[pixel * 4 + 3] = alpha[pixel]!;
  return codec.encode(
    { width: mask.width, height: mask.height, data },
    { ...options, format: "webp", quality: 100 },
  );
}
