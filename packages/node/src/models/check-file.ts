import { stat } from "node:fs/promises";
import type { ModelFile } from "@maskery/core";
import { errorCode } from "../files/error-code.js";
import { fileIdentity, readRecord, writeRecord } from "./file-record.js";
import { type HashFileOptions, hashFile } from "./hash-file.js";

export type FileState =
  | { readonly state: "right"; readonly sha256: string }
  | { readonly state: "absent" }
  /** `problem` reads after the name of the file. */
  | { readonly state: "wrong"; readonly problem: string };

export interface CheckFileOptions extends HashFileOptions {
  /**
   * Reads the file even if it looks as it did when it was last found right, and notes nothing: also for folders that are not
   * ours to write to. Default false.
   */
  readonly again?: boolean;
}

/**
 * Whether a downloaded file is what the catalogue says; where that knows no hash, whether it is still what was first
 * downloaded.
 * @throws What the file system throws, except for a file that is not there; MaskeryError `ABORTED`.
 */
export async function checkFile(
  path: string,
  file: ModelFile,
  { again = false, ...options }: CheckFileOptions = {},
): Promise<FileState> {
  const size = await sizeOf(path);
  if (size === undefined) return { state: "absent" };
  if (file.bytes !== undefined && size !== file.bytes)
    return { state: "wrong", problem: `expected ${file.bytes} bytes, found ${size}` };
  const record = await readRecord(path);
  const expected = file.sha256?.toLowerCase() ?? record?.sha256;
  const identity = await fileIdentity(path);
  if (!again && record && record.sha256 === expected && record.identity === identity)
    return { state: "right", sha256: record.sha256 };
  const sha256 = await hashFile(path, options);
  if (expected !== undefined && sha256 !== expected)
    return { state: "wrong", problem: `expected SHA-256 ${expected}, found ${sha256}` };
  // Only spares reading the file next time, so a folder that may not be written is no failure.
  if (!again) await writeRecord(path, { sha256, identity }).catch(() => undefined);
  return { state: "right", sha256 };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isFile()) return stats.size;
    throw Object.assign(new Error(`not a file: ${path}`), { code: "EISDIR" });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return undefined;
    throw error;
  }
}
