import { MaskeryError } from "@maskery/core";
import { corruptImage } from "./check-image-bytes.js";

/** What sharp says when a picture has more pixels than it was told to accept. */
const tooLargePattern = /exceeds pixel limit/i;
const outOfMemoryPattern = /bad_alloc|out of memory|cannot allocate|memory allocation/i;
const timeoutPattern = /^timeout:/i;

/**
 * The error of our contract for a picture that sharp could not read. The bytes have a known signature, so
 * they are broken.
 */
export function sharpDecodeError(error: unknown, maxPixels: number): MaskeryError {
  if (MaskeryError.is(error)) return error;
  const message = firstLine(error);
  if (tooLargePattern.test(message)) {
    return new MaskeryError("IMAGE_TOO_LARGE", `image: expected at most ${maxPixels} pixels, received more`, {
      cause: error,
      field: "image",
    });
  }
  return (
    resourceError(message, error) ?? corruptImage(`expected a complete, readable picture: ${message}`, error)
  );
}

export function sharpEncodeError(error: unknown): MaskeryError {
  if (MaskeryError.is(error)) return error;
  const message = firstLine(error);
  return (
    resourceError(message, error) ??
    new MaskeryError("INTERNAL", `The picture could not be encoded: ${message}`, { cause: error })
  );
}

function resourceError(message: string, cause: unknown): MaskeryError | undefined {
  if (outOfMemoryPattern.test(message))
    return new MaskeryError("OUT_OF_MEMORY", `image: not enough memory (${message})`, { cause });
  if (timeoutPattern.test(message))
    return new MaskeryError("TIMEOUT", `image: decoding took too long (${message})`, { cause });
  return undefined;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0]?.trim() ?? "";
}
