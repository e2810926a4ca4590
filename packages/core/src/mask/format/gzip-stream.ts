import { throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";

/** As much of the Compression Streams standard as is used here; a global of every browser and of Node 18 and later. */
interface ByteTransform {
  readonly readable: {
    getReader(): {
      read(): Promise<{ done: boolean; value?: Uint8Array }>;
      cancel(reason?: unknown): Promise<void>;
    };
  };
  readonly writable: {
    getWriter(): {
      write(chunk: Uint8Array): Promise<void>;
      close(): Promise<void>;
      abort(reason?: unknown): Promise<void>;
    };
  };
}

type ByteTransformConstructor = new (format: "gzip") => ByteTransform;

/**
 * @throws MaskeryError `UNSUPPORTED_FORMAT` where the platform has no such stream.
 */
export function gzipStream(name: "CompressionStream" | "DecompressionStream"): ByteTransform {
  const Stream = (globalThis as Record<string, unknown>)[name] as ByteTransformConstructor | undefined;
  if (!Stream) {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `gzip: this platform has no ${name}; use packMask or COCO run lengths`,
    );
  }
  return new Stream("gzip");
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
  const written = writer.write(input).then(() => writer.close());
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
