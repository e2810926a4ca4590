import { throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";

/** What both directions of the Compression Streams standard look like from here. */
type ByteTransform = InstanceType<typeof CompressionStream>;

/** @throws MaskeryError `UNSUPPORTED_FORMAT` where the platform has no such stream. */
export function gzipCompressor(): ByteTransform {
  if (typeof CompressionStream === "undefined") throw missing("CompressionStream");
  return new CompressionStream("gzip");
}

/** @throws MaskeryError `UNSUPPORTED_FORMAT` where the platform has no such stream. */
export function gzipDecompressor(): ByteTransform {
  if (typeof DecompressionStream === "undefined") throw missing("DecompressionStream");
  return new DecompressionStream("gzip");
}

function missing(name: string): MaskeryError {
  return new MaskeryError(
    "UNSUPPORTED_FORMAT",
    `gzip: this platform has no ${name}; use packMask or COCO run lengths`,
  );
}

/**
 * Sends bytes through a stream.
 * @param limitOf - Told the bytes that came out so far, says how many may come out at all, or undefined while it cannot say.
 * @throws MaskeryError `INVALID_INPUT` for a damaged stream or one that holds more than allowed, `ABORTED`.
 */
export async function pump(
  stream: ByteTransform,
  input: Uint8Array,
  limitOf: (beginning: Uint8Array) => number | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(signal);
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  // A stream that fails rejects its writes as well as its reads; the reads are awaited below.
  // Shared memory, which the type leaves out, is refused by the stream itself.
  const written = writer.write(input as Uint8Array<ArrayBuffer>).then(() => writer.close());
  written.catch(() => undefined);
  let output = new Uint8Array(Math.max(64, input.length));
  let length = 0;
  let limit: number | undefined;
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
      limit ??= limitOf(output.subarray(0, length));
      if (limit !== undefined && length > limit)
        throw invalidInput("bytes", `at most ${limit} bytes after unpacking`, "more");
    }
    await written;
  } catch (error) {
    await Promise.allSettled([reader.cancel(), writer.abort()]);
    if (MaskeryError.is(error)) throw error;
    throw new MaskeryError("INVALID_INPUT", "bytes: expected an undamaged gzip file", {
      cause: error,
      field: "bytes",
    });
  }
  return output.subarray(0, length) as Uint8Array<ArrayBuffer>;
}
