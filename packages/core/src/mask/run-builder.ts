import type { Runs } from "./runs.js";

const DEFAULT_CAPACITY = 256;

/**
 * Collects the column-major indices at which a mask changes between background and foreground, and turns them into run
 * lengths. Indices must not fall; two changes at one index cancel out, so the result is always in normal form.
 */
export class RunBuilder {
  #changes: Uint32Array<ArrayBuffer>;
  #length = 0;

  /** @param capacity - Changes to make room for at once; more may come. */
  constructor(capacity = DEFAULT_CAPACITY) {
    this.#changes = new Uint32Array(Math.max(1, capacity));
  }

  /** Whether the next pixel is foreground. */
  get inside(): boolean {
    return (this.#length & 1) === 1;
  }

  /** Notes a change at a pixel index. */
  toggle(index: number): void {
    if (this.#length > 0 && this.#changes[this.#length - 1] === index) {
      this.#length--;
      return;
    }
    if (this.#length === this.#changes.length) {
      const grown = new Uint32Array(this.#length * 2);
      grown.set(this.#changes);
      this.#changes = grown;
    }
    this.#changes[this.#length++] = index;
  }

  /** Adds a foreground run; it may touch the one before. */
  addRun(start: number, length: number): void {
    if (length === 0) return;
    this.toggle(start);
    this.toggle(start + length);
  }

  /** @param pixels - Width × height: where the last run ends. */
  finish(pixels: number): Runs {
    const changes = this.#changes;
    if (this.#length > 0 && changes[this.#length - 1] === pixels) this.#length--;
    const length = this.#length;
    const runs = new Uint32Array(length + 1);
    let previous = 0;
    for (let index = 0; index < length; index++) {
      runs[index] = changes[index]! - previous;
      previous = changes[index]!;
    }
    runs[length] = pixels - previous;
    return runs;
  }
}
