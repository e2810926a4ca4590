import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { throwIfAborted } from "@maskery/core";

/** Read and hashed at once. */
const chunkBytes = 1024 * 1024;

export interface HashFileOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (hashedBytes: number) => void;
}

/** SHA-256 of a whole file, lower-case hex. @throws What the file system throws, MaskeryError `ABORTED`. */
export async function hashFile(path: string, options: HashFileOptions = {}): Promise<string> {
  const file = await open(path, "r");
  try {
    const hash = createHash("sha256");
    await hashFrom(file, hash, options);
    return hash.digest("hex");
  } finally {
    await file.close();
  }
}

/** Feeds everything in a file, from its beginning, to a hash. @returns How many bytes there were. */
export async function hashFrom(
  file: FileHandle,
  hash: Hash,
  { signal, onBytes }: HashFileOptions = {},
): Promise<number> {
  const chunk = new Uint8Array(chunkBytes);
  for (let position = 0; ; ) {
    throwIfAborted(signal);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return position;
    hash.update(chunk.subarray(0, bytesRead));
    position += bytesRead;
    onBytes?.(position);
  }
}
