import { type BoundingBox, type Runs, runsBoundingBox } from "./runs.js";

/** Runs between two noted positions: the notes take a thirty-second of the runs' memory. */
const RUNS_PER_NOTE = 32;

/** Answers "is this pixel in the mask?" for one mask many times: by its box first, then by bisection instead of a walk. */
export class RunLookup {
  readonly #runs: Runs;
  readonly #height: number;
  readonly #box: BoundingBox;
  /** Column-major index of the first pixel of every thirty-second run. */
  readonly #starts: Uint32Array;

  constructor(runs: Runs, height: number) {
    this.#runs = runs;
    this.#height = height;
    this.#box = runsBoundingBox(runs, height);
    this.#starts = new Uint32Array(Math.ceil(runs.length / RUNS_PER_NOTE));
    let position = 0;
    for (let index = 0; index < runs.length; index++) {
      if (index % RUNS_PER_NOTE === 0) this.#starts[index / RUNS_PER_NOTE] = position;
      position += runs[index]!;
    }
  }

  /** Whether the pixel in column `x` and row `y`, whole numbers, is foreground; false beyond the picture. */
  contains(x: number, y: number): boolean {
    const box = this.#box;
    if (x < box.x || y < box.y || x >= box.x + box.width || y >= box.y + box.height) return false;
    const pixel = x * this.#height + y;
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= pixel) low = middle;
      else high = middle;
    }
    let position = this.#starts[low]!;
    for (let index = low * RUNS_PER_NOTE; index < this.#runs.length; index++) {
      position += this.#runs[index]!;
      if (pixel < position) return (index & 1) === 1;
    }
    return false;
  }
}
