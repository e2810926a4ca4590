import type { CallOptions } from "../../cancellation.js";
import { invalidInput } from "../../errors.js";
import { Mask, type MaskDetails } from "../mask.js";
import { gzipDecompressor, pump } from "./gzip-stream.js";
import { HEADER_BYTES, readPackedHeader } from "./packed-header.js";

/** @throws MaskeryError `INVALID_INPUT` for bytes that `packMask` did not write, a newer version, or a wrong length. */
export function unpackMask(bytes: Uint8Array, details: MaskDetails = {}): Mask {
  const { width, height, length } = readPackedHeader(bytes);
  if (bytes.length !== length)
    throw invalidInput("bytes", `${length} bytes for ${width} × ${height}`, bytes.length);
  const rowBytes = (width + 7) >> 3;
  const bitmap = new Uint8Array(width * height);
  for (let y = 0, target = 0; y < height; y++) {
    const row = HEADER_BYTES + y * rowBytes;
    for (let x = 0; x < width; x++, target++) bitmap[target] = (bytes[row + (x >> 3)]! >> (7 - (x & 7))) & 1;
  }
  return Mask.fromBitmap(bitmap, width, height, details);
}

/**
 * Reads what `gzipMask` wrote. The header is checked before the rest is unpacked, so a small file cannot fill the memory.
 * @throws MaskeryError `INVALID_INPUT` for damaged or foreign bytes, `UNSUPPORTED_FORMAT` as `gzipMask`, `ABORTED`.
 */
export async function gunzipMask(bytes: Uint8Array, options: CallOptions & MaskDetails = {}): Promise<Mask> {
  const { signal, ...details } = options;
  if (!(bytes instanceof Uint8Array)) throw invalidInput("bytes", "the bytes of a gzip file", bytes);
  const stream = gzipDecompressor();
  return unpackMask(await pump(stream, bytes, announcedLength, signal), details);
}

/** Bytes that an unpacked mask has, as soon as its header is there. */
function announcedLength(beginning: Uint8Array): number | undefined {
  return beginning.length < HEADER_BYTES ? undefined : readPackedHeader(beginning).length;
}
