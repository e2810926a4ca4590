import { readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../files/error-code.js";
import { temporarySuffix } from "../files/write-whole-file.js";

/**
 * Whoever writes a temporary file is done with it long before: what is older was left by a process that died.
 */
const temporaryLifetimeMs = 10 * 60 * 1000;

/** After an eviction so much of the bound is in use, so that not every single write has to evict again. */
const fillAfterEviction = 0.9;

/** Files looked at side by side. */
const filesAtOnce = 32;

const entryNamePattern = /^[0-9a-f]{64}\.cache$/;

export function entryFileName(keyDigest: Uint8Array): string {
  return `${Buffer.from(keyDigest).toString("hex")}.cache`;
}

interface EntryFile {
  readonly path: string;
  readonly bytes: number;
  /** Time of the last use. */
  readonly usedAtMs: number;
}

export interface CacheFolderContents {
  readonly entries: number;
  readonly bytes: number;
}

export interface SweepResult extends CacheFolderContents {
  readonly evictions: number;
}

/** Counts the entries. A folder that does not exist holds none. */
export async function measureCacheFolder(directory: string): Promise<CacheFolderContents> {
  return summarise(await listEntries(directory, await listNames(directory)));
}

/**
 * Brings a folder within its bounds: entries unused for too long leave, then the least recently used ones
 * until the sum of sizes fits; leftovers of dead processes are removed. Files that are not ours are never
 * touched, and several processes may sweep at once: an entry that somebody else removed meanwhile is simply
 * gone.
 */
export async function sweepCacheFolder(
  directory: string,
  { maxBytes, maxAgeMs, now }: { readonly maxBytes: number; readonly maxAgeMs: number; readonly now: number },
): Promise<SweepResult> {
  const names = await listNames(directory);
  await removeLeftovers(directory, names, now);
  const byLastUse = (await listEntries(directory, names)).sort(
    (left, right) => left.usedAtMs - right.usedAtMs,
  );

  let { bytes, entries } = summarise(byLastUse);
  const target = bytes > maxBytes ? maxBytes * fillAfterEviction : maxBytes;
  let evictions = 0;
  for (const file of byLastUse) {
    // The newest stays when it fits by itself, however much of the bound it takes.
    const fits = bytes <= target || (bytes <= maxBytes && entries === 1);
    if (fits && now - file.usedAtMs <= maxAgeMs) break;
    if (await remove(file.path)) evictions += 1;
    bytes -= file.bytes;
    entries -= 1;
  }
  return { entries, bytes, evictions };
}

/** Removes every entry, whoever wrote it. */
export async function emptyCacheFolder(directory: string): Promise<void> {
  for (const name of await listNames(directory)) {
    if (entryNamePattern.test(name)) await remove(join(directory, name));
  }
}

/** @returns Whether this call removed the file; false when it was gone already. */
export async function remove(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function listNames(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function listEntries(directory: string, names: readonly string[]): Promise<EntryFile[]> {
  const files: EntryFile[] = [];
  const entryNames = names.filter((name) => entryNamePattern.test(name));
  for (let start = 0; start < entryNames.length; start += filesAtOnce) {
    const found = await Promise.all(
      entryNames.slice(start, start + filesAtOnce).map((name) => describeFile(join(directory, name))),
    );
    files.push(...found.filter((file) => file !== undefined));
  }
  return files;
}

async function describeFile(path: string): Promise<EntryFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, bytes: size, usedAtMs: mtimeMs };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function removeLeftovers(directory: string, names: readonly string[], now: number): Promise<void> {
  for (const name of names) {
    if (!name.startsWith(".") || !name.endsWith(temporarySuffix)) continue;
    const file = await describeFile(join(directory, name));
    if (file && now - file.usedAtMs > temporaryLifetimeMs) await remove(file.path);
  }
}

function summarise(files: readonly EntryFile[]): { entries: number; bytes: number } {
  return { entries: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}
