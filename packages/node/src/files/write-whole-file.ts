import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** Ends the name of a file that is not whole yet. */
export const temporarySuffix = ".tmp";

export interface WriteWholeFileOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when everything is written and the file is not yet in its place: whatever it throws keeps it out.
   */
  readonly beforeRename?: (file: FileHandle) => void | Promise<void>;
}

/**
 * Writes `parts` one after the other as a file that others see whole or not at all: into a temporary file in
 * the same folder, which then takes its place in one step. The temporary file is removed when anything fails.
 * @throws What the file system throws, or the signal's reason.
 */
export async function writeWholeFile(
  path: string,
  parts: readonly Uint8Array[],
  { signal, beforeRename }: WriteWholeFileOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  const temporary = join(
    dirname(path),
    `.${shorten(basename(path))}.${process.pid}-${randomBytes(6).toString("hex")}${temporarySuffix}`,
  );
  const file = await open(temporary, "wx");
  try {
    try {
      for (const part of parts) await file.writeFile(part, { signal });
      await beforeRename?.(file);
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Leaves room for what is added, within the 255 bytes that file systems allow a name. */
function shorten(name: string): string {
  return name.slice(0, 50);
}
