import type { CallOptions } from "../../cancellation.js";
import { bitmapFromRuns } from "../bitmap.js";
import type { Mask } from "../mask.js";
import { gzipCompressor, pump } from "./gzip-stream.js";
import { HEADER_BYTES, packedLength, writePackedHeader } from "./packed-header.js";

/**
 * One bit a pixel: a header of 16 bytes, then rows from the top, each padded to whole bytes, the highest bit of a byte
 * being the left pixel. That is the bit order of 1-bit PNG, PBM and numpy's `packbits`.
 */
export function packMask(mask: Mask): Uint8Array<ArrayBuffer> {
  const { width, height } = mask;
  const rowBytes = (width + 7) >> 3;
  const packed = new Uint8Array(packedLength(width, height));
  writePackedHeader(packed, width, height);
  const bitmap = bitmapFromRuns(mask.runs, width, height, 1);
  for (let y = 0, source = 0; y < height; y++) {
    const row = HEADER_BYTES + y * rowBytes;
    for (let x = 0; x < width; x++, source++) packed[row + (x >> 3)]! |= bitmap[source]! << (7 - (x & 7));
  }
  return packed;
}

/**
 * `packMask`, compressed as one gzip stream: small on the wire, and any gzip tool opens it. Gzip's checksum finds damage.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` where the platform has no CompressionStream, `ABORTED`.
 */
export async function gzipMask(mask: Mask, options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const stream = gzipCompressor();
  return pump(stream, packMask(mask), () => undefined, options.signal);
}
