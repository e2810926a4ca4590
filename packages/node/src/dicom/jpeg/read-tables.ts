import { corruptDicom } from "../dicom-failure.js";
import { buildHuffmanTable, type HuffmanTable } from "./huffman-table.js";

const tablePlaces = 4;

/** Tables as they stand at one place of a stream; later segments replace them. */
export interface JpegTables {
  readonly quantisations: (Uint16Array | undefined)[];
  /** For differences: DC coefficients, or lossless. */
  readonly differences: (HuffmanTable | undefined)[];
  readonly others: (HuffmanTable | undefined)[];
}

/** Adds the Huffman tables of a DHT segment (ITU-T T.81 B.2.4.2). @throws MaskeryError `CORRUPT_IMAGE`. */
export function readHuffmanTables(segment: Uint8Array, tables: JpegTables): void {
  for (let offset = 0; offset < segment.length; ) {
    const place = segment[offset] as number;
    const counts = segment.subarray(offset + 1, offset + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(offset + 17, offset + 17 + total);
    if (counts.length < 16 || symbols.length < total || (place & 15) >= tablePlaces || place >> 4 > 1)
      throw corruptDicom("expected complete JPEG Huffman tables, found other bytes");
    (place >> 4 ? tables.others : tables.differences)[place & 15] = buildHuffmanTable(counts, symbols);
    offset += 17 + total;
  }
}

/** Adds the quantisation tables of a DQT segment (B.2.4.1), of 8 or 16 bits. @throws MaskeryError `CORRUPT_IMAGE`. */
export function readQuantisations(segment: Uint8Array, { quantisations }: JpegTables): void {
  for (let offset = 0; offset < segment.length; ) {
    const place = segment[offset] as number;
    const bytes = place >> 4 ? 2 : 1;
    const values = segment.subarray(offset + 1, offset + 1 + 64 * bytes);
    if (values.length < 64 * bytes || (place & 15) >= tablePlaces || place >> 4 > 1)
      throw corruptDicom("expected complete JPEG quantisation tables, found other bytes");
    quantisations[place & 15] = Uint16Array.from({ length: 64 }, (_, index) =>
      bytes === 1
        ? (values[index] as number)
        : ((values[index * 2] as number) << 8) | (values[index * 2 + 1] as number),
    );
    offset += 1 + 64 * bytes;
  }
}
