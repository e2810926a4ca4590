import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { bitmapFromRuns } from "../bitmap.js";
import { Mask, type MaskDetails } from "../mask.js";

/** `MSKB`, a version, three bytes of 0, then width and height as 32-bit numbers, highest byte first. */
const MAGIC = [0x4d, 0x53, 0x4b, 0x42] as const;
const VERSION = 1;
const HEADER_BYTES = 16;

/** A mask of more pixels than this is refused before memory is taken for it. */
const MAX_PIXELS = 2 ** 30;

/**
 * One bit a pixel: a header of 16 bytes, then rows from the top, each padded to whole bytes, the highest bit of a byte
 * being the left pixel. That is the bit order of 1-bit PNG, PBM and numpy's `packbits`.
 */
export function packMask(mask: Mask): Uint8Array<ArrayBuffer> {
  const { width, height } = mask;
  const rowBytes = (width + 7) >> 3;
  const packed = new Uint8Array(HEADER_BYTES + rowBytes * height);
  packed.set(MAGIC);
  packed[4] = VERSION;
  const view = new DataView(packed.buffer);
  view.setUint32(8, width);
  view.setUint32(12, height);
  const bitmap = bitmapFromRuns(mask.runs, width, height, 1);
  for (let y = 0, source = 0; y < height; y++) {
    const row = HEADER_BYTES + y * rowBytes;
    for (let x = 0; x < width; x++, source++) packed[row + (x >> 3)]! |= bitmap[source]! << (7 - (x & 7));
  }
  return packed;
}

/** @throws MaskeryError `INVALID_INPUT` for bytes that `packMask` did not write, a newer version, or a wrong length. */
export function unpackMask(bytes: Uint8Array, details: MaskDetails = {}): Mask {
  const { width, height, length } = readHeader(bytes);
  if (bytes.length !== length) throw invalidInput("bytes", `${length} bytes for ${width} × ${height}`, bytes.length);
  const rowBytes = (width + 7) >> 3;
  const bitmap = new Uint8Array(width * height);
  for (let y = 0, target = 0; y < height; y++) {
    const row = HEADER_BYTES + y * rowBytes;
    for (let x = 0; x < width; x++, target++) bitmap[target] = (bytes[row + (x >> 3)]! >> (7 - (x & 7))) & 1;
  }
  return Mask.fromBitmap(bitmap, width, height, details);
}

/**
 * `packMask`, compressed as one gzip stream: small on the wire, and any gzip tool opens it. Gzip's checksum finds damage.
 * @throws MaskeryError `UNSUPPORTED_FORMAT` where the platform has no CompressionStream, `ABORTED`.
 */
export async function gzipMask(mask: Mask, options: CallOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const stream = newStream("CompressionStream");
  return pump(stream, packMask(mask), Number.MAX_SAFE_INTEGER, options.signal);
}

/**
 * Reads what `gzipMask` wrote. The header is checked before the rest is unpacked, so a small file cannot fill the memory.
 * @throws MaskeryError `INVALID_INPUT` for damaged or foreign bytes, `UNSUPPORTED_FORMAT` as `gzipMask`, `ABORTED`.
 */
export async function gunzipMask(bytes: Uint8Array, options: CallOptions & MaskDetails = {}): Promise<Mask> {
  const { signal, ...details } = options;
  if (!(bytes instanceof Uint8Array)) throw invalidInput("bytes", "the bytes of a gzip file", bytes);
  const stream = newStream("DecompressionStream");
  return unpackMask(await pump(stream, bytes, undefined, signal), details);
}

function readHeader(bytes: Uint8Array): { width: number; height: number; length: number } {
  if (!(bytes instanceof Uint8Array) || bytes.length < HEADER_BYTES || MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw invalidInput("bytes", "a packed mask, which begins with MSKB", bytes);
  }
  if (bytes[4] !== VERSION) throw invalidInput("bytes[4]", `version ${VERSION} of the packed form`, bytes[4]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const width = view.getUint32(8);
  const height = view.getUint32(12);
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) {
    throw invalidInput("bytes", `a mask of 1 to ${MAX_PIXELS} pixels`, `${width} × ${height}`);
  }
  return { width, height, length: HEADER_BYTES + ((width + 7) >> 3) * height };
}

/** As much of the Compression Streams standard as is used here; a global of every browser and of Node 18 and later. */
interface ByteTransform {
  readonly readable: {
    getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }>; cancel(reason?: unknown): Promise<void> };
  };
  readonly writable: {
    getWriter(): { write(chunk: Uint8Array): Promise<void>; close(): Promise<void>; abort(reason?: unknown): Promise<void> };
  };
}

function newStream(name: "CompressionStream" | "DecompressionStream"): ByteTransform {
  const constructor = (globalThis as Record<string, unknown>)[name] as (new (format: "gzip") => ByteTransform) | undefined;
  if (!constructor) throw new MaskeryError("UNSUPPORTED_FORMAT", `gzip: this platform has no ${name}; use packMask or COCO run lengths`);
  return new constructor("gzip");
}

/** @param limit - Bytes that may come out; when undefined, what the mask's header announces. */
async function pump(
  stream: ByteTransform,
  input: Uint8Array,
  limit: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(signal);
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  // A stream that fails rejects its writes as well as its reads; the reads are awaited below.
  const written = writer.write(input).then(() => writer.close());
  written.catch(() => undefined);
  let output = new Uint8Array(Math.max(64, input.length));
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      throwIfAborted(signal);
      if (done || !value) break;
      if (length + value.length > output.length) {
        const grown = new Uint8Array(Math.max(output.length * 2, length + value.length));
        grown.set(output.subarray(0, length));
        output = grown;
      }
      output.set(value, length);
      length += value.length;
      if (limit === undefined && length >= HEADER_BYTES) limit = readHeader(output).length;
      if (limit !== undefined && length > limit) throw invalidInput("bytes", `at most ${limit} bytes after unpacking`, "more");
    }
    await written;
  } catch (error) {
    await Promise.allSettled([reader.cancel(), writer.abort()]);
    if (MaskeryError.is(error)) throw error;
    throw new MaskeryError("INVALID_INPUT", "bytes: expected an undamaged gzip file", { cause: error, field: "bytes" });
  }
  return output.subarray(0, length) as Uint8Array<ArrayBuffer>;
}
