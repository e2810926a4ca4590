import type { Readable } from "node:stream";

/** Held at most, apart from the chunk that arrives last. */
const mostBytesAhead = 1024 * 1024;

/**
 * The chunks of a stream, taken as they arrive. A stream that breaks drops what nobody has read yet; here every byte that
 * arrived before is still given out, and the failure comes after it. So a download that is cut keeps what it has got.
 */
export function readAhead(stream: Readable): AsyncIterable<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytesAhead = 0;
  let ending: { readonly error?: unknown } | undefined;
  let wake: () => void = () => undefined;
  const end = (found: { readonly error?: unknown }) => {
    ending ??= found;
    wake();
  };
  stream
    .on("data", (chunk: Uint8Array) => {
      chunks.push(chunk);
      bytesAhead += chunk.byteLength;
      if (bytesAhead > mostBytesAhead) stream.pause();
      wake();
    })
    .on("end", () => end({}))
    .on("error", (error: unknown) => end({ error }))
    .on("close", () => end({ error: new Error("the stream was closed before its end") }));

  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const chunk = chunks.shift();
        if (chunk) {
          bytesAhead -= chunk.byteLength;
          if (bytesAhead <= mostBytesAhead && stream.isPaused()) stream.resume();
          yield chunk;
        } else if (ending) {
          if (ending.error !== undefined) throw ending.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
