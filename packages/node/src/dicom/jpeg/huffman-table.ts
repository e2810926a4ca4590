import { corruptDicom } from "../dicom-failure.js";

const longestCode = 16;

/**
 * For every 16 bits that may come next: the symbol they begin with in the low byte, the length of its code above.
 * 0 where no code fits.
 */
export type HuffmanTable = Uint16Array;

/**
 * Builds a table from what a DHT segment holds (ITU-T T.81 annex C).
 * @param counts - How many codes there are of 1, 2, … 16 bits.
 * @param symbols - Their symbols, shortest codes first.
 * @throws MaskeryError `CORRUPT_IMAGE` when the codes do not fit into 16 bits.
 */
export function buildHuffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << longestCode);
  let next = 0;
  let index = 0;
  for (let length = 1; length <= longestCode; length += 1) {
    const covered = 1 << (longestCode - length);
    for (let count = counts[length - 1] as number; count > 0; count -= 1) {
      if (next + covered > table.length)
        throw corruptDicom("expected Huffman codes of 16 bits, received more");
      table.fill((length << 8) | (symbols[index] as number), next, next + covered);
      next += covered;
      index += 1;
    }
  }
  return table;
}
