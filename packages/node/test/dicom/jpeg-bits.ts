/** What the writers of JPEG streams for tests share. After ITU-T T.81; nothing here comes from the code under test. */

/** How many codes there are of 1 to 16 bits, and what they stand for. */
export interface CodeTable {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** Collects bits, highest first, and puts a 0 byte after each 0xff. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #held = "";

  write(value: number, bits: number): void {
    if (bits === 0) return;
    this.#held += value.toString(2).padStart(bits, "0");
    while (this.#held.length >= 8) {
      const byte = Number.parseInt(this.#held.slice(0, 8), 2);
      this.#held = this.#held.slice(8);
      this.#bytes.push(byte);
      if (byte === 0xff) this.#bytes.push(0);
    }
  }

  restart(index: number): void {
    this.#pad();
    this.#bytes.push(0xff, 0xd0 + (index % 8));
  }

  finish(): Buffer {
    this.#pad();
    return Buffer.from(this.#bytes);
  }

  #pad(): void {
    if (this.#held.length > 0) this.write(2 ** (8 - this.#held.length) - 1, 8 - this.#held.length);
  }
}

/** Writes the code of a symbol. */
export function symbolWriter({ counts, symbols }: CodeTable): (bits: BitWriter, symbol: number) => void {
  const codes = new Map<number, readonly [code: number, bits: number]>();
  let code = 0;
  let next = 0;
  for (const [index, count] of counts.entries()) {
    for (let left = count; left > 0; left -= 1) codes.set(symbols[next++]!, [code++, index + 1]);
    code *= 2;
  }
  return (bits, symbol) => bits.write(...codes.get(symbol)!);
}

/** How many bits a difference takes, and those bits. */
export function signedBits(value: number): readonly [size: number, bits: number] {
  const size = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  return [size, value < 0 ? value + 2 ** size - 1 : value];
}

export function segment(marker: number, bytes: readonly number[] | Buffer): Buffer {
  const length = bytes.length + 2;
  return Buffer.concat([Buffer.of(0xff, marker, length >> 8, length & 255), Buffer.from(bytes)]);
}

export function tableSegment(place: number, { counts, symbols }: CodeTable): Buffer {
  return segment(0xc4, [place, ...counts, ...symbols]);
}

export const startOfImage = Buffer.of(0xff, 0xd8);
export const endOfImage = Buffer.of(0xff, 0xd9);
