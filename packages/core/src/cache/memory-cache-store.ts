import { LRUCache } from "lru-cache";
import type { CacheSetOptions, CacheStats, CacheStore } from "../backend/cache-store.js";
import { invalidInput, MaskeryError } from "../errors.js";

export interface MemoryCacheStoreOptions {
  /** Bound on the sum of all values, in bytes. Keys come on top. */
  readonly maxBytes: number;
  /** Milliseconds until an entry expires, unless `set` says otherwise. Default: never. */
  readonly timeToLiveMs?: number | undefined;
}

/** Keeps entries in this process; the least recently used ones leave first. Values are copied in and out. */
export function createMemoryCacheStore(options: MemoryCacheStoreOptions): CacheStore {
  const { maxBytes } = options;
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1) {
    throw invalidInput("maxBytes", "a positive whole number of bytes", maxBytes);
  }
  const defaultTimeToLiveMs = checkTimeToLive(options.timeToLiveMs);
  let bytes = 0;
  let hits = 0;
  let misses = 0;
  let evictions = 0;
  let disposed = false;

  const entries = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    // The cache wants a positive size; an empty value therefore counts as one byte towards the bound.
    sizeCalculation: (value) => Math.max(1, value.byteLength),
    onInsert: (value) => {
      bytes += value.byteLength;
    },
    dispose: (value, _key, reason) => {
      bytes -= value.byteLength;
      if (reason === "evict" || reason === "expire") evictions += 1;
    },
  });

  const checkUsable = () => {
    if (disposed) throw new MaskeryError("DISPOSED", "The memory cache was disposed: create another one.");
  };

  return {
    contractVersion: 1,
    name: "memory",

    async get(key: string): Promise<Uint8Array | undefined> {
      checkUsable();
      const value = entries.get(checkKey(key));
      if (value === undefined) misses += 1;
      else hits += 1;
      return value && new Uint8Array(value);
    },

    async set(key: string, value: Uint8Array, setOptions: CacheSetOptions = {}): Promise<void> {
      checkUsable();
      checkKey(key);
      const timeToLiveMs =
        checkTimeToLive(setOptions.timeToLiveMs) ?? defaultTimeToLiveMs ?? Number.POSITIVE_INFINITY;
      if (timeToLiveMs === 0) {
        entries.delete(key);
        return;
      }
      // Zero means "never" to the cache underneath, which also wants whole milliseconds.
      const ttl = timeToLiveMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(timeToLiveMs);
      // A value beyond the bound is refused by the cache, together with the value it would have replaced.
      entries.set(key, new Uint8Array(value), { ttl });
    },

    async delete(key: string): Promise<boolean> {
      checkUsable();
      // An expired entry is still inside until somebody asks for it, but it is no longer there.
      const present = entries.has(checkKey(key));
      entries.delete(key);
      return present;
    },

    async clear(): Promise<void> {
      checkUsable();
      entries.clear();
    },

    async stats(): Promise<CacheStats> {
      checkUsable();
      entries.purgeStale();
      return { entries: entries.size, bytes, hits, misses, evictions, failures: 0 };
    },

    async dispose(): Promise<void> {
      disposed = true;
      entries.clear();
    },
  };
}

function checkKey(key: string): string {
  if (typeof key !== "string" || key === "") throw invalidInput("key", "a non-empty string", key);
  return key;
}

/** Infinity is allowed and means never; zero means at once. */
function checkTimeToLive(timeToLiveMs: number | undefined): number | undefined {
  if (timeToLiveMs !== undefined && !(typeof timeToLiveMs === "number" && timeToLiveMs >= 0)) {
    throw invalidInput("timeToLiveMs", "a number of milliseconds, zero or more", timeToLiveMs);
  }
  return timeToLiveMs;
}
