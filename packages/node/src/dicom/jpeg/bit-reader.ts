import { corruptDicom } from "../dicom-failure.js";
import type { HuffmanTable } from "./huffman-table.js";

const firstRestartMarker = 0xd0;

/**
 * Reads the entropy-coded bits of a JPEG scan. At a marker it goes on with zeros, as decoders may look ahead; `check`
 * tells whether any of them was used.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  #offset: number;
  /** Bits already taken from the bytes, the latest lowest; `#count` of them are still to be read. */
  #held = 0;
  #count = 0;
  #invented = 0;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset;
  }

  /** @throws MaskeryError `CORRUPT_IMAGE` for bits that are no code. */
  readSymbol(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const entry = table[(this.#held >>> (this.#count - 16)) & 0xffff] as number;
    if (entry === 0) throw corruptDicom("expected a Huffman code of the JPEG frame, found other bits");
    this.#count -= entry >> 8;
    return entry & 255;
  }

  /** A number of up to 16 bits with its sign, as ITU-T T.81 codes differences: the lower half stands for negatives. */
  readSigned(bits: number): number {
    if (bits === 0) return 0;
    if (this.#count < bits) this.#fill();
    this.#count -= bits;
    const value = (this.#held >>> this.#count) & ((1 << bits) - 1);
    return value < 1 << (bits - 1) ? value - (1 << bits) + 1 : value;
  }

  /** @throws MaskeryError `CORRUPT_IMAGE` when more was read than there is. */
  check(): void {
    if (this.#invented > this.#count)
      throw corruptDicom("expected a complete JPEG frame, found its end too early");
  }

  /**
   * Goes on behind a restart marker.
   * @param index - Counted from 0 within the scan; markers repeat after eight.
   * @throws MaskeryError `CORRUPT_IMAGE` when another comes next.
   */
  restart(index: number): void {
    this.check();
    const expected = firstRestartMarker + (index & 7);
    while (this.#bytes[this.#offset] === 0xff && this.#bytes[this.#offset + 1] === 0xff) this.#offset += 1;
    if (this.#bytes[this.#offset] !== 0xff || this.#bytes[this.#offset + 1] !== expected)
      throw corruptDicom(`expected JPEG restart marker ${index & 7}, found something else`);
    this.#offset += 2;
    this.#count = 0;
    this.#invented = 0;
  }

  /** Where the marker after the scan begins, or the end of the bytes. */
  findNextMarker(): number {
    for (let offset = this.#offset; offset + 1 < this.#bytes.length; offset += 1) {
      const next = this.#bytes[offset + 1] as number;
      if (this.#bytes[offset] === 0xff && next !== 0 && next !== 0xff) return offset;
    }
    return this.#bytes.length;
  }

  #fill(): void {
    while (this.#count <= 24) {
      const byte = this.#bytes[this.#offset] ?? 0;
      const isStuffed = byte === 0xff && this.#bytes[this.#offset + 1] === 0;
      if (this.#offset >= this.#bytes.length || (byte === 0xff && !isStuffed)) {
        this.#invented += 8;
        this.#held <<= 8;
      } else {
        this.#held = (this.#held << 8) | byte;
        this.#offset += isStuffed ? 2 : 1;
      }
      this.#count += 8;
    }
  }
}
