import type { Platform } from "../backend/platform.js";
import { type CallOptions, throwIfAborted, waitUnlessAborted } from "../cancellation.js";
import { invalidInput, MaskeryError } from "../errors.js";
import { checkRgbaImage, isRgbaImage, type RgbaImage } from "./rgba-image.js";

/**
 * Everything that can name or carry a picture: a path or `data:` URL, a `file:` URL object, encoded bytes, a stream of
 * encoded bytes, a Blob or File, or decoded pixels.
 */
export type ImageSource =
  | string
  | { readonly href: string }
  | Uint8Array
  | ArrayBuffer
  | AsyncIterable<Uint8Array>
  | { arrayBuffer(): Promise<ArrayBuffer> }
  | RgbaImage;

/** A source after reading: still encoded, or already pixels. */
export type LoadedImage =
  | { readonly kind: "encoded"; readonly bytes: Uint8Array }
  | { readonly kind: "pixels"; readonly image: RgbaImage };

export interface LoadImageOptions extends CallOptions {
  /** Bound on encoded bytes, checked while reading. */
  readonly maxBytes: number;
}

/**
 * Reads a source without decoding it.
 * @throws MaskeryError `INVALID_INPUT` for anything that is no source, `IMAGE_TOO_LARGE`, `CORRUPT_IMAGE` for no bytes at
 * all, and what `Platform.readImage` throws.
 */
export async function loadImageSource(
  source: ImageSource,
  platform: Platform,
  options: LoadImageOptions,
): Promise<LoadedImage> {
  throwIfAborted(options.signal);
  if (isRgbaImage(source)) return { kind: "pixels", image: checkRgbaImage(source) };
  const bytes = await readEncoded(source, platform, options);
  if (bytes.length === 0)
    throw new MaskeryError("CORRUPT_IMAGE", "image: expected an encoded picture, received 0 bytes");
  checkEncodedSize(bytes.length, options.maxBytes);
  return { kind: "encoded", bytes };
}

async function readEncoded(
  source: Exclude<ImageSource, RgbaImage>,
  platform: Platform,
  options: LoadImageOptions,
): Promise<Uint8Array> {
  if (typeof source === "string") return platform.readImage(source, options);
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (typeof source === "object" && source !== null) {
    if ("href" in source) return platform.readImage(source, options);
    if ("arrayBuffer" in source)
      return new Uint8Array(await waitUnlessAborted(source.arrayBuffer(), options.signal));
    if (Symbol.asyncIterator in source) return collect(source, options);
  }
  throw invalidInput("image", "a path, URL, bytes, stream, Blob or { width, height, data }", source);
}

async function collect(stream: AsyncIterable<Uint8Array>, options: LoadImageOptions): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    throwIfAborted(options.signal);
    if (!(chunk instanceof Uint8Array)) throw invalidInput("image", "a stream of Uint8Array chunks", chunk);
    length += chunk.length;
    checkEncodedSize(length, options.maxBytes);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function checkEncodedSize(length: number, maxBytes: number): void {
  if (length <= maxBytes) return;
  throw new MaskeryError(
    "IMAGE_TOO_LARGE",
    `image: expected at most ${maxBytes} bytes, received ${length} or more`,
  );
}
