import { type FileHandle, open } from "node:fs/promises";

/** Read at once where the size of a file says nothing: pipes and devices. */
const chunkBytes = 64 * 1024;

/** The file holds more than the reader wanted. */
export class FileTooLargeError extends Error {
  constructor(readonly maxBytes: number) {
    super(`more than ${maxBytes} bytes`);
  }
}

/**
 * Reads a whole file of at most `maxBytes`; a pipe too. The size is looked at before anything is read, and
 * again while reading, because a file may grow and a pipe has none.
 * @throws FileTooLargeError, what the file system throws, or the signal's reason.
 */
export async function readBounded(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const file = await open(path, "r");
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw Object.assign(new Error("EISDIR: a directory"), { code: "EISDIR" });
    if (stats.size > maxBytes) throw new FileTooLargeError(maxBytes);
    return await readAll(file, stats.isFile() ? stats.size : 0, maxBytes, signal);
  } finally {
    await file.close();
  }
}

async function readAll(
  file: FileHandle,
  expectedBytes: number,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  // One byte more than expected, so that the end of the file shows without another round.
  let buffer = new Uint8Array(Math.max(expectedBytes + 1, chunkBytes));
  let filled = 0;
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, null);
    filled += bytesRead;
    if (filled > maxBytes) throw new FileTooLargeError(maxBytes);
    if (bytesRead === 0) return buffer.subarray(0, filled);
    if (filled === buffer.length) {
      const larger = new Uint8Array(buffer.length * 2);
      larger.set(buffer);
      buffer = larger;
    }
  }
}
