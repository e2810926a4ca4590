import {
  defaultImageLimits,
  describeValue,
  type ImageFormat,
  type ImageLimits,
  type ImageSize,
  invalidInput,
  MaskeryError,
  sniffImageFormat,
} from "@maskery/core";
import { isBareDicom } from "../dicom/bare-dicom.js";
import { headerSize } from "./header-size.js";

export interface CheckedImageBytes {
  readonly format: ImageFormat;
  readonly maxPixels: number;
}

/**
 * Everything that can be said about encoded bytes before a library touches them: format by content, size in
 * bytes, size in pixels as far as the header states it.
 * @throws MaskeryError `INVALID_INPUT`, `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`.
 */
export function checkImageBytes(
  bytes: Uint8Array,
  readable: readonly ImageFormat[],
  limits: ImageLimits = {},
): CheckedImageBytes {
  if (!(bytes instanceof Uint8Array)) throw invalidInput("image", "the bytes of a picture", bytes);
  const maxBytes = checkLimit("maxBytes", limits.maxBytes ?? defaultImageLimits.maxBytes);
  const maxPixels = checkLimit("maxPixels", limits.maxPixels ?? defaultImageLimits.maxPixels);

  if (bytes.byteLength === 0) throw corruptImage("expected the bytes of a picture, received none");
  if (bytes.byteLength > maxBytes) {
    throw new MaskeryError(
      "IMAGE_TOO_LARGE",
      `image: expected at most ${maxBytes} bytes, received ${bytes.byteLength}`,
      {
        field: "image",
      },
    );
  }
  const format = sniffImageFormat(bytes) ?? (isBareDicom(bytes) ? "dicom" : undefined);
  if (format === undefined || !readable.includes(format)) {
    const received = format ?? `bytes with no known signature (${describeStart(bytes)})`;
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `image: expected one of ${readable.join(", ")}, received ${received}`,
      {
        field: "image",
      },
    );
  }
  const size = headerSize(bytes, format);
  if (size) checkPixelCount(size, maxPixels);
  return { format, maxPixels };
}

/** @throws MaskeryError `IMAGE_TOO_LARGE`. */
export function checkPixelCount({ width, height }: ImageSize, maxPixels: number): void {
  if (width * height > maxPixels) {
    throw new MaskeryError(
      "IMAGE_TOO_LARGE",
      `image: expected at most ${maxPixels} pixels, received ${width} × ${height}`,
      {
        field: "image",
      },
    );
  }
}

export function corruptImage(message: string, cause?: unknown): MaskeryError {
  return new MaskeryError("CORRUPT_IMAGE", `image: ${message}`, { cause, field: "image" });
}

function checkLimit(name: keyof ImageLimits, limit: number): number {
  if (typeof limit !== "number" || !(limit > 0))
    throw invalidInput(`limits.${name}`, "a positive number", limit);
  return limit;
}

/**
 * The first bytes as text where they are readable, so that an SVG or an HTML error page recognises itself.
 */
function describeStart(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 12);
  const readable = start.every((byte) => byte >= 0x20 && byte < 0x7f);
  return readable
    ? `starting with ${describeValue(String.fromCharCode(...start))}`
    : `starting with ${[...start].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
