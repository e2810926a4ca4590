import { readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { writeWholeFile } from "../files/write-whole-file.js";

/** What is known of a downloaded file. Lies beside it, under a name of its own. */
export interface FileRecord {
  /** Hash of the content when it was downloaded, or first seen. */
  readonly sha256: string;
  /** What the file looked like when its hash was last found right: as long as it does, it need not be read again. */
  readonly identity?: string | undefined;
}

export function recordPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.record.json`);
}

export async function readRecord(path: string): Promise<FileRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(recordPath(path), "utf8")) as Partial<FileRecord>;
    return typeof record.sha256 === "string" && /^[0-9a-f]{64}$/.test(record.sha256)
      ? { sha256: record.sha256, identity: record.identity }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws What the file system throws. */
export async function writeRecord(path: string, record: FileRecord): Promise<void> {
  await writeWholeFile(recordPath(path), [Buffer.from(`${JSON.stringify(record)}\n`)]);
}

export async function removeRecord(path: string): Promise<void> {
  await rm(recordPath(path), { force: true });
}

/**
 * Changes whenever somebody writes to the file: the time of change cannot be set back. A copy on another disk has another
 * identity and is read once more.
 */
export async function fileIdentity(path: string): Promise<string> {
  const { size, mtimeMs, ctimeMs, ino } = await stat(path);
  return [size, mtimeMs, ctimeMs, ino].join(":");
}
