import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type CallOptions, throwIfAborted } from "@maskery/core";

export interface FolderReport {
  readonly name: string;
  readonly path: string;
  readonly exists: boolean;
  /** Whether files can be made in it, or, where it does not exist, whether it can be made. */
  readonly writable: boolean;
  readonly files: number;
  readonly bytes: number;
}

export async function inspectFolder(name: string, path: string, options: CallOptions): Promise<FolderReport> {
  const exists = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const writable = await isWritable(exists ? path : await nearestParent(path));
  const { files, bytes } = exists ? await measure(path, options) : { files: 0, bytes: 0 };
  return { name, path, exists, writable, files, bytes };
}

async function measure(path: string, { signal }: CallOptions): Promise<{ files: number; bytes: number }> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  let files = 0;
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    throwIfAborted(signal);
    files++;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return { files, bytes };
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function nearestParent(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  return stat(parent).then(
    () => parent,
    () => nearestParent(parent),
  );
}
