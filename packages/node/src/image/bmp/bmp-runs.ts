import { corruptImage } from "../check-image-bytes.js";
import type { BmpHeader } from "./bmp-header.js";

const escapeMark = 0;
const endOfLine = 0;
const endOfBitmap = 1;
const delta = 2;

/**
 * Unpacks RLE8 and RLE4 into palette indices, rows from bottom to top as stored. Pixels that the runs skip get
 * index 0; runs are cut at the end of their row, as viewers do.
 * Coding: https://learn.microsoft.com/windows/win32/gdi/bitmap-compression
 * @throws MaskeryError `CORRUPT_IMAGE` when the bytes end before the picture does, or a jump leaves it.
 */
export function unpackBmpRuns(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bitsPerPixel } = header;
  const indices = new Uint8Array(width * height);
  const halves = bitsPerPixel === 4;
  let offset = header.pixelOffset;
  let x = 0;
  let y = 0;
  while (y < height) {
    if (offset + 2 > bytes.length) {
      // Some writers leave out the last mark.
      if (y === height - 1 && x >= width) return indices;
      throw corruptImage(`expected ${height} rows of runs, found the end of the file in row ${y}`);
    }
    const count = bytes[offset] as number;
    const value = bytes[offset + 1] as number;
    offset += 2;
    if (count !== escapeMark) {
      for (let step = 0; step < count && x < width; step += 1, x += 1)
        indices[y * width + x] = halves ? (step & 1 ? value & 15 : value >> 4) : value;
    } else if (value === endOfLine) {
      x = 0;
      y += 1;
    } else if (value === endOfBitmap) {
      return indices;
    } else if (value === delta) {
      if (offset + 2 > bytes.length)
        throw corruptImage("expected a jump in the runs, found the end of the file");
      x += bytes[offset] as number;
      y += bytes[offset + 1] as number;
      offset += 2;
      if (x > width || y >= height)
        throw corruptImage(`expected runs within the picture, found a jump to ${x}, ${y}`);
    } else {
      const byteCount = halves ? (value + 1) >> 1 : value;
      if (offset + byteCount > bytes.length)
        throw corruptImage(`expected ${value} plain pixels in the runs, found the end of the file`);
      for (let step = 0; step < value && x < width; step += 1, x += 1) {
        const byte = bytes[offset + (halves ? step >> 1 : step)] as number;
        indices[y * width + x] = halves ? (step & 1 ? byte & 15 : byte >> 4) : byte;
      }
      // Plain pixels fill whole 16-bit words.
      offset += byteCount + (byteCount & 1);
    }
  }
  return indices;
}
