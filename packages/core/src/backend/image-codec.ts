import type { CallOptions } from "../cancellation.js";
import type { ImageFormat } from "../image/image-format.js";
import type { GrayImage, ImageSize, RgbaImage } from "../image/rgba-image.js";

/** What `probe` reads from the header, before any pixel is decoded. */
export interface ImageInfo extends ImageSize {
  readonly format: ImageFormat;
  /** EXIF orientation 1..8 of the file; `width` and `height` already have it applied. */
  readonly orientation: number;
  /** DICOM only: direction cosines of the rows, then of the columns (x, y, z each). Pixels are never turned by it. */
  readonly patientOrientation?: readonly number[];
}

/** Bounds that are checked on the header, before pixels are decoded. */
export interface ImageLimits {
  /** Encoded size in bytes. Default 256 MiB. */
  readonly maxBytes?: number;
  /** Width × height. Default 50 million. */
  readonly maxPixels?: number;
}

export const defaultImageLimits: Required<ImageLimits> = {
  maxBytes: 256 * 1024 * 1024,
  maxPixels: 50_000_000,
};

export interface ImageDecodeOptions extends CallOptions {
  readonly limits?: ImageLimits;
  /** Which frame of a picture with several, from 0. Default 0. */
  readonly frame?: number;
}

export interface ImageEncodeOptions extends CallOptions {
  readonly format: ImageFormat;
  /** 1..100 for lossy formats. Default 90. */
  readonly quality?: number;
  /** PNG only, gray images of 0 and 255 only: one bit a pixel. Default 8. */
  readonly bitDepth?: 1 | 8;
}

/** Bytes to pixels and back. Every picture that enters or leaves the SDK passes here. */
export interface ImageCodec {
  readonly contractVersion: 1;
  readonly name: string;
  readonly decodes: readonly ImageFormat[];
  readonly encodes: readonly ImageFormat[];
  /** @throws MaskeryError as `decode`, as far as the header shows it. */
  probe(bytes: Uint8Array, options?: ImageDecodeOptions): Promise<ImageInfo>;
  /**
   * Decodes one frame, applies EXIF orientation once and converts to 8-bit sRGB.
   * @throws MaskeryError `UNSUPPORTED_FORMAT` when the bytes are no picture this codec reads, `CORRUPT_IMAGE` when they
   * are empty, truncated or broken, `IMAGE_TOO_LARGE` beyond the limits, `ABORTED`.
   */
  decode(bytes: Uint8Array, options?: ImageDecodeOptions): Promise<RgbaImage>;
  /** @throws MaskeryError `UNSUPPORTED_FORMAT` for a format outside `encodes`, `INVALID_INPUT`, `ABORTED`. */
  encode(image: RgbaImage | GrayImage, options: ImageEncodeOptions): Promise<Uint8Array>;
}
