import { MaskeryError, waitUnlessAborted } from "@maskery/core";
import { drainBody } from "./drain-body.js";

/**
 * Reads a request body, counting the bytes that really come.
 * @throws MaskeryError `IMAGE_TOO_LARGE` beyond `maxBytes`, at once when the request announces it; `UNSUPPORTED_FORMAT` for a
 * compressed body, `ABORTED`.
 */
export async function readBoundedBody(
  request: Request,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  checkAnnouncedBody(request, maxBytes);
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await waitUnlessAborted(reader.read(), signal);
      if (done) break;
      length += value.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      chunks.push(value);
    }
  } catch (error) {
    drainBody(reader);
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

/**
 * Refuses by header what need not be read: a body that says it is too large, or a compressed one, whose size it does not say.
 * @param refusal - What a body that is too large is answered with. Default: that it is.
 */
export function checkAnnouncedBody(
  request: Request,
  maxBytes: number,
  refusal: () => MaskeryError = () => tooLarge(maxBytes),
): void {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.toLowerCase() !== "identity") {
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `content-encoding: expected none, received ${JSON.stringify(encoding.slice(0, 40))}`,
      { field: "content-encoding" },
    );
  }
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw refusal();
}

/** @param field - What is too large. Default: the whole body. */
export function tooLarge(maxBytes: number, field = "body"): MaskeryError {
  return new MaskeryError("IMAGE_TOO_LARGE", `${field}: expected at most ${maxBytes} bytes, received more`, {
    field,
  });
}
