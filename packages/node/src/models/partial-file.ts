import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, readFile, rename, rm } from "node:fs/promises";
import { writeWholeFile } from "../files/write-whole-file.js";
import { hashFrom } from "./hash-file.js";

/** Which content the first bytes of a download belong to. */
export interface PartialOrigin {
  readonly address: string;
  /** A strong entity tag, as the server gave it. */
  readonly etag?: string | undefined;
}

/** The beginning of a file that is not whole yet. Outlives the process, so that a download can go on. */
export interface PartialFile {
  /** Bytes so far. */
  readonly bytes: number;
  readonly origin: PartialOrigin | undefined;
  /** Begins again: nothing of what was written stays. */
  restart(origin: PartialOrigin): Promise<void>;
  append(chunk: Uint8Array): Promise<void>;
  /** SHA-256 of all bytes so far. */
  sha256(): string;
  /** Moves the file, safe on the disk, to its place in one step, and is done with it. */
  moveTo(path: string): Promise<void>;
  /** Closes and keeps what there is. Safe to call twice. */
  close(): Promise<void>;
  /** Closes and forgets. Safe to call twice. */
  discard(): Promise<void>;
}

export function partialPath(path: string): string {
  return `${path}.partial`;
}

/** @throws What the file system throws. */
export async function openPartialFile(path: string, signal?: AbortSignal): Promise<PartialFile> {
  const content = partialPath(path);
  const originPath = `${content}.json`;
  let origin = await readOrigin(originPath);
  // Never in append mode: whoever else might write here puts the same bytes at the same place.
  const file = origin
    ? await open(content, "r+").catch(() => open(content, "w+"))
    : await open(content, "w+");
  let isOpen = true;
  let hash: Hash = createHash("sha256");
  let bytes = 0;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  };
  const discard = async () => {
    await close();
    await Promise.all([rm(content, { force: true }), rm(originPath, { force: true })]);
  };
  try {
    bytes = await hashFrom(file, hash, { signal });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    get bytes() {
      return bytes;
    },
    get origin() {
      return origin;
    },
    async restart(newOrigin) {
      await file.truncate(0);
      hash = createHash("sha256");
      bytes = 0;
      origin = newOrigin;
      await writeWholeFile(originPath, [Buffer.from(`${JSON.stringify(newOrigin)}\n`)]);
    },
    async append(chunk) {
      await writeAll(file, chunk, bytes);
      hash.update(chunk);
      bytes += chunk.byteLength;
    },
    sha256: () => hash.copy().digest("hex"),
    async moveTo(target) {
      // Else a power cut could leave a file of the right size with nothing in it.
      await file.sync();
      await close();
      await rename(content, target);
      await rm(originPath, { force: true });
    },
    close,
    discard,
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, position + written);
    written += bytesWritten;
  }
}

async function readOrigin(path: string): Promise<PartialOrigin | undefined> {
  try {
    const { address, etag } = JSON.parse(await readFile(path, "utf8")) as Partial<PartialOrigin>;
    return typeof address === "string" ? { address, etag } : undefined;
  } catch {
    return undefined;
  }
}
