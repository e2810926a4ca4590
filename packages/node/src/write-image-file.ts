import { realpath, stat, writeFile } from "node:fs/promises";
import {
  abortError,
  type CallOptions,
  describeValue,
  invalidInput,
  MaskeryError,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import { errorCode } from "./files/error-code.js";
import { writeWholeFile } from "./files/write-whole-file.js";

/**
 * Writes a whole file or nothing: an existing file stays as it was until the new one is complete. The folder
 * must exist. A link is followed; a device or a pipe (`/dev/stdout`) is written to, never replaced.
 * @throws MaskeryError `STORAGE_FAILED`, `ABORTED`.
 */
export async function writeImageFile(
  path: string,
  bytes: Uint8Array,
  { signal }: CallOptions = {},
): Promise<void> {
  throwIfAborted(signal);
  if (typeof path !== "string" || path === "") throw invalidInput("path", "the path of a file", path);
  try {
    const existing = await findExisting(path);
    if (existing?.kind === "directory") throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    if (existing?.kind === "stream") await waitUnlessAborted(writeFile(path, bytes, { signal }), signal);
    else await writeWholeFile(existing?.path ?? path, [bytes], { signal });
  } catch (cause) {
    throw signal?.aborted ? abortError(signal) : toStorageError(cause, path);
  }
}

async function findExisting(
  path: string,
): Promise<{ kind: "file" | "directory" | "stream"; path: string } | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isFile()) return { kind: "file", path: await realpath(path) };
    return { kind: stats.isDirectory() ? "directory" : "stream", path };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder does not exist",
  EISDIR: "it is a folder",
  EACCES: "it may not be written",
  EPERM: "it may not be written",
  EROFS: "it may not be written",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
};

function toStorageError(cause: unknown, path: string): MaskeryError {
  const reason = reasons[errorCode(cause) ?? ""] ?? (cause instanceof Error ? cause.message : String(cause));
  const message = `${describeValue(path)} could not be written: ${reason}`;
  return new MaskeryError("STORAGE_FAILED", message, { cause, field: "path" });
}
