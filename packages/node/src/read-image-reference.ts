import { fileURLToPath } from "node:url";
import {
  type CallOptions,
  describeValue,
  invalidInput,
  MaskeryError,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import { decodeDataUrl } from "./files/data-url.js";
import { errorCode } from "./files/error-code.js";
import { FileTooLargeError, readBounded } from "./files/read-bounded.js";

const field = "image";

/**
 * Reads a picture named by a path, or by a `file:` or `data:` URL. Nothing is ever fetched over a network:
 * what an application reads on behalf of others is its own decision.
 * @throws MaskeryError `NOT_FOUND`, `INVALID_INPUT`, `IMAGE_TOO_LARGE`, `ABORTED`.
 */
export async function readImageReference(
  reference: string | { readonly href: string },
  { signal, maxBytes }: CallOptions & { readonly maxBytes: number },
): Promise<Uint8Array> {
  throwIfAborted(signal);
  const text = typeof reference === "string" ? reference : reference?.href;
  if (typeof text !== "string" || text === "")
    throw invalidInput(field, "a path, a file: URL or a data: URL", reference);
  if (/^data:/i.test(text)) return readDataUrl(text, maxBytes);
  return waitUnlessAborted(readFile(toPath(reference, text), maxBytes, signal), signal);
}

function toPath(reference: string | { readonly href: string }, text: string): string {
  if (/^file:/i.test(text)) {
    try {
      return fileURLToPath(text);
    } catch (cause) {
      throw invalidInput(field, "a file: URL of this machine", text, cause);
    }
  }
  if (/^https?:/i.test(text)) {
    throw new MaskeryError(
      "INVALID_INPUT",
      `${field}: expected a path, a file: URL or a data: URL, received ${describeValue(text)}; fetch it first and pass its bytes`,
      { field },
    );
  }
  // A string with some other scheme is no path that anybody meant; a single letter is a Windows drive.
  const isOtherUrl =
    typeof reference !== "string" || /^[a-z][a-z0-9+.-]+:\/\//i.test(text) || /^blob:/i.test(text);
  if (isOtherUrl) throw invalidInput(field, "a path, a file: URL or a data: URL", text);
  return text;
}

function readDataUrl(text: string, maxBytes: number): Uint8Array {
  // Four characters of base64 are three bytes, three characters of percent-encoding are one: never more than
  // the text is long.
  const bytes = text.length > maxBytes * 3 + 1000 ? "too large" : decodeDataUrl(text);
  if (bytes === undefined) throw invalidInput(field, "a data: URL with valid content", text);
  if (bytes === "too large" || bytes.byteLength > maxBytes) throw tooLarge(maxBytes);
  return bytes;
}

async function readFile(
  path: string,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    return await readBounded(path, maxBytes, signal);
  } catch (cause) {
    throw toMaskeryError(cause, path);
  }
}

function toMaskeryError(cause: unknown, path: string): MaskeryError {
  if (cause instanceof FileTooLargeError) return tooLarge(cause.maxBytes);
  const code = errorCode(cause);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new MaskeryError("NOT_FOUND", `${field}: expected a file, found none at ${describeValue(path)}`, {
      cause,
      field,
    });
  }
  if (code === "EISDIR") return invalidInput(field, "a file", `the directory ${path}`, cause);
  if (code === "EACCES" || code === "EPERM")
    return invalidInput(field, "a file that may be read", path, cause);
  return invalidInput(field, `a readable file (${code ?? "unknown error"})`, path, cause);
}

function tooLarge(maxBytes: number): MaskeryError {
  return new MaskeryError("IMAGE_TOO_LARGE", `${field}: expected at most ${maxBytes} bytes, received more`, {
    field,
  });
}
