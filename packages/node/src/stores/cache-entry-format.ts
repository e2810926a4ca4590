import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/*
 * One entry is one file: a header of 64 bytes, then the value.
 *
 *    0  "MSKC"
 *    4  format version, 32 bits
 *    8  time of expiry, milliseconds since 1970, 64-bit float; Infinity is never
 *   16  length of the value in bytes, 64-bit float
 *   24  CRC-32 of the header without this number, and of the value
 *   28  zero
 *   32  SHA-256 of the key
 *
 * Numbers are little-endian. The header makes a file that was cut, torn, renamed or written by another
 * version a miss.
 */

export const headerBytes = 64;
const magic = 0x434b534d; // "MSKC"
const version = 1;
const digestOffset = 32;

export interface CacheEntryHeader {
  readonly expiresAtMs: number;
  readonly valueBytes: number;
}

/** SHA-256 of a key. Over UTF-16, because UTF-8 maps different unpaired surrogates to the same bytes. */
export function digestOfKey(key: string): Uint8Array {
  return createHash("sha256").update(key, "utf16le").digest();
}

export function writeEntryHeader(keyDigest: Uint8Array, value: Uint8Array, expiresAtMs: number): Uint8Array {
  const header = new Uint8Array(headerBytes);
  const view = new DataView(header.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, version, true);
  view.setFloat64(8, expiresAtMs, true);
  view.setFloat64(16, value.byteLength, true);
  header.set(keyDigest, digestOffset);
  view.setUint32(24, checksum(header, value), true);
  return header;
}

/**
 * What a header says; undefined when it is none of ours or belongs to another key. Does not look at the
 * value.
 */
export function readEntryHeader(header: Uint8Array, keyDigest: Uint8Array): CacheEntryHeader | undefined {
  if (header.length < headerBytes) return undefined;
  const view = viewOf(header);
  if (view.getUint32(0, true) !== magic || view.getUint32(4, true) !== version) return undefined;
  if (!keyDigest.every((byte, index) => header[digestOffset + index] === byte)) return undefined;
  return { expiresAtMs: view.getFloat64(8, true), valueBytes: view.getFloat64(16, true) };
}

/** Whether header and value are, bit for bit, what was written together. */
export function isEntryIntact(header: Uint8Array, value: Uint8Array): boolean {
  return viewOf(header).getUint32(24, true) === checksum(header, value);
}

function checksum(header: Uint8Array, value: Uint8Array): number {
  const beforeChecksum = header.subarray(0, 24);
  const afterChecksum = header.subarray(28, headerBytes);
  return crc32(value, crc32(afterChecksum, crc32(beforeChecksum)));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
