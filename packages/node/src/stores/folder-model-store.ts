import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type CallOptions,
  invalidInput,
  MaskeryError,
  type ModelFetchOptions,
  type ModelFile,
  type ModelStore,
  throwIfAborted,
} from "@maskery/core";
import { errorCode } from "../files/error-code.js";
import { locateInFolder } from "../files/locate-in-folder.js";

/** Read and hashed at once. */
const chunkBytes = 1024 * 1024;

/**
 * Hashes of files that were read in this process, by path, size and time of change: each file is read once.
 */
const knownHashes = new Map<string, string>();

/**
 * Finds weights in a folder and vouches for them: size and SHA-256 are compared with what the catalogue says.
 * Gives paths, so that the engine reads the file itself.
 */
export function createFolderModelStore(directory: string): ModelStore {
  if (typeof directory !== "string" || directory === "")
    throw invalidInput("directory", "the path of a folder", directory);
  const root = resolve(directory);

  return {
    contractVersion: 1,
    name: "folder",
    async fetch(file, options = {}) {
      throwIfAborted(options.signal);
      const path = locateInFolder(root, file.name);
      const identity = await checkSize(path, file);
      if (file.sha256 !== undefined) await checkHash(path, identity, file, file.sha256, options);
      return { kind: "path", path };
    },
  };
}

/** @returns What identifies the content of the file for as long as nobody writes to it. */
async function checkSize(path: string, file: ModelFile): Promise<string> {
  const stats = await stat(path).catch((cause: unknown) => {
    const code = errorCode(cause);
    throw code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG"
      ? notFound(file, cause)
      : unavailable(file, cause);
  });
  if (!stats.isFile()) throw notFound(file);
  if (file.bytes !== undefined && stats.size !== file.bytes) {
    throw new MaskeryError(
      "MODEL_CORRUPT",
      `${file.name}: expected ${file.bytes} bytes, found ${stats.size}`,
    );
  }
  return [path, stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino].join("|");
}

async function checkHash(
  path: string,
  identity: string,
  file: ModelFile,
  expected: string,
  options: ModelFetchOptions,
): Promise<void> {
  const actual = knownHashes.get(identity) ?? (await hashFile(path, file, options));
  knownHashes.set(identity, actual);
  if (actual !== expected.toLowerCase()) {
    throw new MaskeryError("MODEL_CORRUPT", `${file.name}: expected SHA-256 ${expected}, found ${actual}`);
  }
}

async function hashFile(
  path: string,
  file: ModelFile,
  { signal, onProgress }: CallOptions & ModelFetchOptions,
): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw errorCode(cause) === "ENOENT" ? notFound(file, cause) : unavailable(file, cause);
  });
  try {
    const { size } = await handle.stat();
    const chunk = new Uint8Array(Math.min(chunkBytes, Math.max(1, size)));
    for (let receivedBytes = 0; ; ) {
      throwIfAborted(signal);
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) return hash.digest("hex");
      hash.update(chunk.subarray(0, bytesRead));
      receivedBytes += bytesRead;
      onProgress?.({ receivedBytes, totalBytes: size });
    }
  } catch (cause) {
    throw MaskeryError.is(cause) || errorCode(cause) === undefined ? cause : unavailable(file, cause);
  } finally {
    await handle.close();
  }
}

function notFound(file: ModelFile, cause?: unknown): MaskeryError {
  return new MaskeryError("MODEL_NOT_FOUND", `${file.name}: no such file in the model's folder`, { cause });
}

function unavailable(file: ModelFile, cause: unknown): MaskeryError {
  return new MaskeryError(
    "MODEL_UNAVAILABLE",
    `${file.name}: the file cannot be read now (${errorCode(cause) ?? "unknown error"})`,
    { cause },
  );
}
