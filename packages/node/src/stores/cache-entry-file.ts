import { type FileHandle, open } from "node:fs/promises";
import { errorCode } from "../files/error-code.js";
import { writeWholeFile } from "../files/write-whole-file.js";
import { headerBytes, isEntryIntact, readEntryHeader, writeEntryHeader } from "./cache-entry-format.js";

export type CacheEntryReading =
  | { readonly state: "present"; readonly value: Uint8Array }
  | { readonly state: "absent" | "expired" | "broken" };

export interface CacheEntryBounds {
  readonly now: number;
  /** Longest time since the last use, in milliseconds. */
  readonly maxAgeMs: number;
}

/**
 * Reads an entry and marks it as used at `now`.
 * @throws What the file system throws, except for a file that is not there.
 */
export async function readCacheEntry(
  path: string,
  keyDigest: Uint8Array,
  bounds: CacheEntryBounds,
): Promise<CacheEntryReading> {
  return withEntryFile(path, keyDigest, bounds, async (file, header, valueBytes) => {
    const value = new Uint8Array(valueBytes);
    const { bytesRead } = await file.read(value, 0, valueBytes, headerBytes);
    if (bytesRead !== valueBytes || !isEntryIntact(header, value)) return { state: "broken" };
    // The time of the last use decides who leaves first. Where it cannot be noted (another owner, a read-only
    // disk), the time of writing stands.
    await file.utimes(bounds.now / 1000, bounds.now / 1000).catch(() => undefined);
    return { state: "present", value };
  });
}

/** Whether an entry is there, has the right length and has not expired. Does not read the value. */
export async function isCacheEntryPresent(
  path: string,
  keyDigest: Uint8Array,
  bounds: CacheEntryBounds,
): Promise<boolean> {
  const { state } = await withEntryFile(path, keyDigest, bounds, async () => ({
    state: "present",
    value: new Uint8Array(0),
  }));
  return state === "present";
}

/**
 * Writes an entry in one step.
 * @param beforeRename - Called at the last moment; what it throws keeps the entry out.
 * @returns Size of the file in bytes.
 */
export async function writeCacheEntry(
  path: string,
  keyDigest: Uint8Array,
  value: Uint8Array,
  {
    expiresAtMs,
    now,
    beforeRename,
  }: { readonly expiresAtMs: number; readonly now: number; beforeRename(): void },
): Promise<number> {
  await writeWholeFile(path, [writeEntryHeader(keyDigest, value, expiresAtMs), value], {
    beforeRename: async (file) => {
      // Clocks of file systems tick in milliseconds; ours tells any two writes of this process apart.
      await file.utimes(now / 1000, now / 1000);
      beforeRename();
    },
  });
  return headerBytes + value.byteLength;
}

async function withEntryFile(
  path: string,
  keyDigest: Uint8Array,
  { now, maxAgeMs }: CacheEntryBounds,
  use: (file: FileHandle, header: Uint8Array, valueBytes: number) => Promise<CacheEntryReading>,
): Promise<CacheEntryReading> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { state: "absent" };
    throw error;
  }
  try {
    const { size, mtimeMs } = await file.stat();
    const header = new Uint8Array(headerBytes);
    const { bytesRead } = await file.read(header, 0, headerBytes, 0);
    const found = readEntryHeader(header.subarray(0, bytesRead), keyDigest);
    if (!found || size !== headerBytes + found.valueBytes) return { state: "broken" };
    if (found.expiresAtMs <= now || now - mtimeMs > maxAgeMs) return { state: "expired" };
    return await use(file, header, found.valueBytes);
  } finally {
    await file.close();
  }
}
