import type { Runs } from "./runs.js";

/** Shorter lists stay as they are: packing them would save less than its own objects take. */
const FEWEST_PACKED = 256;

/** Lists that were packed already, so that masks of the same pixels share the bytes. */
const packedLists = new WeakMap<Runs, StoredRuns>();

/**
 * Run lengths as a mask keeps them: packed into about a byte for each, and unpacked while somebody needs them. The
 * unpacked list is held weakly, so it is found again until the engine wants its memory back.
 */
export class StoredRuns {
  readonly #packed: Uint8Array | undefined;
  readonly #length: number;
  #unpacked: Runs | WeakRef<Runs>;

  private constructor(runs: Runs) {
    this.#length = runs.length;
    this.#packed = runs.length < FEWEST_PACKED ? undefined : packLengths(runs);
    this.#unpacked = this.#packed ? new WeakRef(runs) : runs;
  }

  static of(runs: Runs): StoredRuns {
    let stored = packedLists.get(runs);
    if (stored) return stored;
    stored = new StoredRuns(runs);
    if (stored.#packed) packedLists.set(runs, stored);
    return stored;
  }

  /** The list itself; the same one every time within one synchronous piece of work. */
  get runs(): Runs {
    if (!this.#packed) return this.#unpacked as Runs;
    let runs = (this.#unpacked as WeakRef<Runs>).deref();
    if (!runs) {
      runs = unpackLengths(this.#packed, this.#length);
      this.#unpacked = new WeakRef(runs);
      packedLists.set(runs, this);
    }
    return runs;
  }
}

/** Seven bits a byte, lowest first, the eighth bit saying that more follow (LEB128). */
export function packLengths(lengths: Uint32Array): Uint8Array {
  let size = lengths.length;
  for (let index = 0; index < lengths.length; index++) {
    const length = lengths[index]!;
    if (length >= 1 << 7) size += length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
  }
  const packed = new Uint8Array(size);
  for (let index = 0, target = 0; index < lengths.length; index++) {
    let left = lengths[index]!;
    for (; left >= 1 << 7; left >>>= 7) packed[target++] = left | 128;
    packed[target++] = left;
  }
  return packed;
}

/** @param count - How many lengths there are. */
export function unpackLengths(packed: Uint8Array, count: number): Runs {
  const lengths = new Uint32Array(count);
  for (let index = 0, source = 0; index < count; index++) {
    let byte = packed[source++]!;
    let length = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = packed[source++]!;
      length |= (byte & 127) << shift;
    }
    lengths[index] = length;
  }
  return lengths;
}
