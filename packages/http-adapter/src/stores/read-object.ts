import { type CallOptions, MaskeryError, throwIfAborted } from "@maskery/core";
import type { ObjectStore } from "./object-store.js";

/**
 * The whole content of an object.
 * @throws MaskeryError `NOT_FOUND`, `STORAGE_FAILED`, `ABORTED`.
 */
export async function readObject(
  store: ObjectStore,
  key: string,
  options: CallOptions = {},
): Promise<Uint8Array> {
  const object = await store.get(key, options);
  if (!object) throw new MaskeryError("NOT_FOUND", "The file is gone.");
  const bytes = new Uint8Array(object.bytes);
  let offset = 0;
  for await (const chunk of object.stream() as unknown as AsyncIterable<Uint8Array>) {
    throwIfAborted(options.signal);
    if (offset + chunk.length > bytes.length)
      throw new MaskeryError("STORAGE_FAILED", "The file changed while it was read.");
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  if (offset !== bytes.length)
    throw new MaskeryError("STORAGE_FAILED", "The file changed while it was read.");
  return bytes;
}
