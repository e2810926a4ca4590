import { MaskeryError, throwIfAborted } from "@maskery/core";
import { checkObjectKey } from "./object-key.js";
import type { ObjectInfo, ObjectStore } from "./object-store.js";

const DEFAULT_MAX_BYTES = 512 * 1024 * 1024;

export interface MemoryObjectStoreOptions {
  /** Bound on all contents together. Default 512 MiB; beyond it `put` fails with `STORAGE_FAILED`. */
  readonly maxBytes?: number;
}

/** Keeps objects in this process. */
export function createMemoryObjectStore(options: MemoryObjectStoreOptions = {}): ObjectStore {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const objects = new Map<string, { readonly info: ObjectInfo; readonly content: Uint8Array<ArrayBuffer> }>();
  let usedBytes = 0;
  const forget = (key: string) => {
    const known = objects.get(key);
    if (known) usedBytes -= known.content.length;
    return objects.delete(key);
  };
  return {
    contractVersion: 1,
    name: "memory",
    async put(key, content, { contentType, signal }) {
      checkObjectKey(key);
      throwIfAborted(signal);
      const room = () => maxBytes - usedBytes + (objects.get(key)?.content.length ?? 0);
      const bytes = await collect(content, room, signal);
      if (bytes.length > room()) throw full();
      forget(key);
      const info: ObjectInfo = { key, bytes: bytes.length, contentType, createdAt: new Date() };
      objects.set(key, { info, content: bytes });
      usedBytes += bytes.length;
      return info;
    },
    async get(key, { signal } = {}) {
      checkObjectKey(key);
      throwIfAborted(signal);
      const known = objects.get(key);
      if (!known) return undefined;
      return { ...known.info, stream: () => new Blob([known.content]).stream() };
    },
    async delete(key) {
      checkObjectKey(key);
      return forget(key);
    },
    async list(prefix) {
      return [...objects.values()].map(({ info }) => info).filter((info) => info.key.startsWith(prefix));
    },
    async dispose() {
      objects.clear();
      usedBytes = 0;
    },
  };
}

async function collect(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  room: () => number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (content instanceof Uint8Array) return new Uint8Array(content);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    throwIfAborted(signal);
    length += chunk.length;
    if (length > room()) throw full();
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

function full(): MaskeryError {
  return new MaskeryError("STORAGE_FAILED", "The memory store is full.");
}
