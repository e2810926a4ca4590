import { waitUnlessAborted } from "../../cancellation.js";

/** As much of a request or an answer as is read here. */
export interface ByteBody {
  readonly headers: { get(name: string): string | null };
  readonly body: {
    getReader(): {
      read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
      cancel(reason?: unknown): Promise<void>;
    };
  } | null;
}

/**
 * Reads a body, counting the bytes that really come.
 * @param tooMany - Makes the error for a body beyond `maxBytes`; at once where the header announces it.
 * @throws MaskeryError `ABORTED` or `TIMEOUT` when the signal fires; what `tooMany` makes; what the stream throws.
 */
export async function readBytes(
  { headers, body }: ByteBody,
  maxBytes: number,
  tooMany: () => Error,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  if (Number(headers.get("content-length") ?? 0) > maxBytes) throw tooMany();
  if (!body) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await waitUnlessAborted(reader.read(), signal);
      if (done || !value) break;
      length += value.length;
      if (length > maxBytes) throw tooMany();
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => undefined);
    throw error;
  }
  if (chunks.length === 1) return chunks[0]!;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
