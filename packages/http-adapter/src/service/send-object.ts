import { type CallOptions, MaskeryError } from "@maskery/core";
import { checkObjectKey } from "../stores/object-key.js";
import type { ObjectStore } from "../stores/object-store.js";

export interface SendObjectOptions extends CallOptions {
  /** Makes browsers save the file under this name instead of showing it. */
  readonly downloadName?: string;
}

/**
 * Answers with a stored file, streamed.
 * @param stores - Asked in order.
 * @throws MaskeryError `NOT_FOUND`, for names that could be none as well.
 */
export async function sendObject(
  stores: readonly ObjectStore[],
  key: string,
  request: Request,
  options: SendObjectOptions = {},
): Promise<Response> {
  let safeKey: string;
  try {
    safeKey = checkObjectKey(key);
  } catch {
    throw missing();
  }
  for (const store of stores) {
    const object = await store.get(safeKey, { signal: options.signal });
    if (!object) continue;
    const headers = new Headers({
      "content-type": object.contentType,
      "content-length": String(object.bytes),
      "last-modified": object.createdAt.toUTCString(),
      "cache-control": "private, max-age=3600",
      // A picture that came from outside is shown as a picture and runs nothing.
      "content-security-policy": "sandbox; default-src 'none'",
      "cross-origin-resource-policy": "cross-origin",
    });
    if (options.downloadName !== undefined)
      headers.set(
        "content-disposition",
        `attachment; filename*=UTF-8''${encodeURIComponent(options.downloadName)}`,
      );
    return new Response(request.method === "HEAD" ? null : object.stream(), { headers });
  }
  throw missing();
}

function missing(): MaskeryError {
  return new MaskeryError("NOT_FOUND", "There is no such file.");
}
