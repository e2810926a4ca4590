import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { throwIfAborted } from "@maskery/core";

/** One file of an archive. */
export interface TarEntry {
  /** Path inside the archive, with `/`, at most 255 bytes of ASCII. */
  readonly name: string;
  readonly bytes: number;
  readonly content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

const blockBytes = 512;

/** The largest size that eleven octal digits hold; what is larger is written in binary, as GNU tar does. */
const largestOctal = 8 ** 11 - 1;

/**
 * Writes a tar file (POSIX ustar), whole or not at all. Equal contents give equal files: owners are left out and all times are
 * the beginning of 1980.
 * @throws What the file system throws, MaskeryError `ABORTED`.
 */
export async function writeTar(
  path: string,
  entries: readonly TarEntry[],
  signal?: AbortSignal,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  const file = await open(temporary, "wx");
  try {
    try {
      for (const entry of entries) {
        await file.writeFile(tarHeader(entry.name, entry.bytes));
        let written = 0;
        for await (const chunk of entry.content) {
          throwIfAborted(signal);
          await file.writeFile(chunk);
          written += chunk.byteLength;
        }
        if (written !== entry.bytes)
          throw new Error(`${entry.name}: expected ${entry.bytes} bytes, read ${written}`);
        await file.writeFile(new Uint8Array(padding(entry.bytes)));
      }
      // Two empty blocks end an archive.
      await file.writeFile(new Uint8Array(2 * blockBytes));
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function padding(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** Offsets and lengths are those of the ustar format in POSIX.1-1988. */
function tarHeader(name: string, bytes: number): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  const [prefix, rest] = splitName(name);
  header.write(rest, 0, 100, "ascii");
  header.write("0000644\0", 100, "ascii");
  header.write("0000000\0", 108, "ascii");
  header.write("0000000\0", 116, "ascii");
  writeSize(header, bytes);
  header.write(`${beginningOf1980.toString(8).padStart(11, "0")}\0`, 136, "ascii");
  header.write("        ", 148, "ascii"); // counted as spaces in the checksum
  header.write("0", 156, "ascii"); // a plain file
  header.write("ustar\x0000", 257, "ascii");
  header.write(prefix, 345, 155, "ascii");
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\0 `, 148, "ascii");
  return header;
}

const beginningOf1980 = 315_532_800;

function writeSize(header: Buffer, bytes: number): void {
  if (bytes <= largestOctal) {
    header.write(`${bytes.toString(8).padStart(11, "0")}\0`, 124, "ascii");
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(bytes), 128);
}

/** Names longer than 100 bytes are cut at a slash; the first part goes into a field of its own. */
function splitName(name: string): [prefix: string, rest: string] {
  if (name.length <= 100) return ["", name];
  for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
    if (slash <= 155 && name.length - slash - 1 <= 100) return [name.slice(0, slash), name.slice(slash + 1)];
  }
  throw new Error(`${name}: too long for a tar file`);
}
