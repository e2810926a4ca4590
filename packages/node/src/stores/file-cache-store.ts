import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type CacheSetOptions,
  type CacheStats,
  type CacheStore,
  invalidInput,
  MaskeryError,
} from "@maskery/core";
import { errorCode } from "../files/error-code.js";
import { isCacheEntryPresent, readCacheEntry, writeCacheEntry } from "./cache-entry-file.js";
import { digestOfKey, headerBytes } from "./cache-entry-format.js";
import {
  emptyCacheFolder,
  entryFileName,
  measureCacheFolder,
  remove,
  sweepCacheFolder,
} from "./cache-folder.js";

export interface FileCacheStoreOptions {
  /** Made at the first write. Several processes may share it; other files in it are left alone. */
  readonly directory: string;
  /**
   * Bound on the sum of all files. It is enforced after writes: several processes together may pass it by a
   * tenth each for a while.
   */
  readonly maxBytes: number;
  /** Milliseconds from writing until an entry expires, unless `set` says otherwise. Default: never. */
  readonly timeToLiveMs?: number;
  /** Entries that were not used for so many milliseconds leave. Default: never. */
  readonly maxAgeMs?: number;
}

/**
 * A sweep looks at the whole folder: every so many milliseconds, and whenever a share of the bound was
 * written.
 */
const sweepIntervalMs = 10 * 60 * 1000;
const sweepAfterShareOfBound = 0.1;

/**
 * Smallest step between two times of use, in milliseconds: what survives the way into a file system and back.
 */
const clockStepMs = 0.002;

/**
 * Keeps entries as files that several processes can share. An entry appears whole or not at all, and one that
 * was damaged later is never returned. Whatever goes wrong with the medium, calls answer: `get` a miss, `set`
 * and `delete` nothing; each time `failures` grows. `hits`, `misses`, `evictions` and `failures` are those of
 * this store, `entries` and `bytes` (headers included) those of the folder.
 */
export function createFileCacheStore(options: FileCacheStoreOptions): CacheStore {
  const { directory, maxBytes } = options;
  if (typeof directory !== "string" || directory === "")
    throw invalidInput("directory", "the path of a folder", directory);
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
    throw invalidInput("maxBytes", "a positive whole number of bytes", maxBytes);
  const defaultTimeToLiveMs = checkDuration("timeToLiveMs", options.timeToLiveMs) ?? Number.POSITIVE_INFINITY;
  const maxAgeMs = checkDuration("maxAgeMs", options.maxAgeMs) ?? Number.POSITIVE_INFINITY;

  const counters = { hits: 0, misses: 0, evictions: 0, failures: 0 };
  const pending = new Set<Promise<unknown>>();
  let disposed = false;
  /** Grows when everything is cleared: writes that began before must not appear afterwards. */
  let generation = 0;
  let lastStampMs = 0;
  let sweeping: Promise<void> | undefined;
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  let bytesAfterSweep = 0;
  let bytesWrittenSince = 0;

  /** The present, never the same twice: entries are ordered by it. */
  const stamp = () => {
    lastStampMs = Math.max(Date.now(), lastStampMs + clockStepMs);
    return lastStampMs;
  };

  /** Runs one call: a failing medium counts and gives `fallback`. */
  const attempt = async <T>(fallback: T, work: () => Promise<T>): Promise<T> => {
    if (disposed) throw new MaskeryError("DISPOSED", "The file cache was disposed: create another one.");
    const running = work().catch((error: unknown) => {
      if (MaskeryError.is(error)) throw error;
      counters.failures += 1;
      return fallback;
    });
    pending.add(running);
    try {
      return await running;
    } finally {
      pending.delete(running);
    }
  };

  const locate = (key: string) => {
    if (typeof key !== "string" || key === "") throw invalidInput("key", "a non-empty string", key);
    const keyDigest = digestOfKey(key);
    return { keyDigest, path: join(directory, entryFileName(keyDigest)) };
  };

  const sweep = async () => {
    sweptAtMs = Date.now();
    bytesWrittenSince = 0;
    const result = await sweepCacheFolder(directory, { maxBytes, maxAgeMs, now: Date.now() });
    bytesAfterSweep = result.bytes;
    counters.evictions += result.evictions;
  };

  const sweepIfDue = async () => {
    const due =
      bytesAfterSweep + bytesWrittenSince > maxBytes ||
      bytesWrittenSince > maxBytes * sweepAfterShareOfBound ||
      Date.now() - sweptAtMs > sweepIntervalMs;
    if (!due) return;
    // Calls that come meanwhile wait for the same sweep; what they wrote counts towards the next one.
    sweeping ??= sweep().finally(() => {
      sweeping = undefined;
    });
    await sweeping;
  };

  const get = (key: string) =>
    attempt<Uint8Array | undefined>(undefined, async () => {
      const { keyDigest, path } = locate(key);
      const reading = await readCacheEntry(path, keyDigest, { now: stamp(), maxAgeMs });
      if (reading.state === "present") return reading.value;
      if (reading.state === "expired" && (await remove(path))) counters.evictions += 1;
      if (reading.state === "broken") {
        counters.failures += 1;
        await remove(path).catch(() => undefined);
      }
      return undefined;
    });

  const set = (key: string, value: Uint8Array, { timeToLiveMs }: CacheSetOptions) =>
    attempt(undefined, async () => {
      const { keyDigest, path } = locate(key);
      const lifetimeMs = checkDuration("timeToLiveMs", timeToLiveMs) ?? defaultTimeToLiveMs;
      if (headerBytes + value.byteLength > maxBytes || lifetimeMs === 0) {
        await remove(path);
        return;
      }
      const now = stamp();
      const startedIn = generation;
      const write = () =>
        writeCacheEntry(path, keyDigest, value, {
          expiresAtMs: now + lifetimeMs,
          now,
          beforeRename: () => {
            if (generation !== startedIn) throw new SupersededError();
          },
        });
      try {
        bytesWrittenSince += await inFolder(directory, write);
      } catch (error) {
        if (error instanceof SupersededError) return;
        // The old value must not outlive the attempt to replace it.
        await remove(path).catch(() => undefined);
        throw error;
      }
      await sweepIfDue();
    });

  return {
    contractVersion: 1,
    name: "files",
    async get(key) {
      const value = await get(key);
      if (value) counters.hits += 1;
      else counters.misses += 1;
      return value;
    },
    set: (key, value, setOptions = {}) => set(key, value, setOptions),
    delete: (key) =>
      attempt(false, async () => {
        const { keyDigest, path } = locate(key);
        const present = await isCacheEntryPresent(path, keyDigest, { now: stamp(), maxAgeMs });
        const removed = await remove(path);
        return present && removed;
      }),
    clear: () =>
      attempt(undefined, async () => {
        generation += 1;
        await emptyCacheFolder(directory);
        bytesAfterSweep = 0;
        bytesWrittenSince = 0;
      }),
    stats: () =>
      attempt<CacheStats | undefined>(undefined, async () => ({
        ...(await measureCacheFolder(directory)),
        ...counters,
      })).then((stats) => stats ?? { entries: 0, bytes: 0, ...counters }),
    async dispose() {
      disposed = true;
      await Promise.allSettled(pending);
    },
  };
}

/** A write that a `clear` has overtaken. */
class SupersededError extends Error {}

/** Does `work`, and once more after making the folder when there is none. */
async function inFolder<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    await mkdir(directory, { recursive: true });
    return work();
  }
}

function checkDuration(field: string, milliseconds: number | undefined): number | undefined {
  if (milliseconds !== undefined && !(typeof milliseconds === "number" && milliseconds >= 0)) {
    throw invalidInput(field, "a number of milliseconds, zero or more", milliseconds);
  }
  return milliseconds;
}
