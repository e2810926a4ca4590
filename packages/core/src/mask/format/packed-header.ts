import { invalidInput } from "../../errors.js";

/** `MSKB`, a version, three bytes of 0, then width and height as 32-bit numbers, highest byte first. */
const MAGIC = [0x4d, 0x53, 0x4b, 0x42] as const;
const VERSION = 1;
export const HEADER_BYTES = 16;

/** A mask of more pixels than this is refused before memory is taken for it. */
const MAX_PIXELS = 2 ** 28;

/** Length of a packed mask with its header. */
export function packedLength(width: number, height: number): number {
  return HEADER_BYTES + ((width + 7) >> 3) * height;
}

/** Writes the header at the beginning of `bytes`. */
export function writePackedHeader(bytes: Uint8Array, width: number, height: number): void {
  bytes.set(MAGIC);
  bytes[4] = VERSION;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(8, width);
  view.setUint32(12, height);
}

/** @throws MaskeryError `INVALID_INPUT` for bytes that are no packed mask, of another version, or of an impossible size. */
export function readPackedHeader(bytes: Uint8Array): { width: number; height: number; length: number } {
  if (
    !(bytes instanceof Uint8Array) ||
    bytes.length < HEADER_BYTES ||
    MAGIC.some((byte, index) => bytes[index] !== byte)
  ) {
    throw invalidInput("bytes", "a packed mask, which begins with MSKB", bytes);
  }
  if (bytes[4] !== VERSION) throw invalidInput("bytes[4]", `version ${VERSION} of the packed form`, bytes[4]);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const width = view.getUint32(8);
  const height = view.getUint32(12);
  if (width === 0 || height === 0 || width * height > MAX_PIXELS) {
    throw invalidInput("bytes", `a mask of 1 to ${MAX_PIXELS} pixels`, `${width} × ${height}`);
  }
  return { width, height, length: packedLength(width, height) };
}
