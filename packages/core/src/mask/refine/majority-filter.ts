import { type Runs, runsBoundingBox } from "../runs.js";
import { runsFromWindow, windowAround, windowBitmap } from "../window.js";

/**
 * Smooths an outline: each pixel takes the side that most pixels of the disc around it are on (a median filter). Straight
 * borders stay where they are; what is narrower than about the radius is rounded off. Only the part of the disc inside the
 * picture counts; a tie changes nothing.
 */
export function majorityInDisc(runs: Runs, width: number, height: number, radius: number): Runs {
  if (radius < 1 || runs.length === 1) return runs;
  const reach = Math.floor(radius);
  const window = windowAround(runsBoundingBox(runs, height), reach, width, height);
  const bitmap = windowBitmap(runs, width, height, window);
  const sums = new RowSums(bitmap, window.width, window.height);
  const halfWidths = Array.from({ length: 2 * reach + 1 }, (_, row) =>
    Math.floor(Math.sqrt(radius * radius - (row - reach) ** 2)),
  );
  const result = bitmap.slice();
  for (let y = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++) {
      // Sums over the picture's part of the square around the disc: one colour there needs no counting.
      const square = sums.rectangle(x - reach, y - reach, x + reach + 1, y + reach + 1);
      if (square === 0) continue;
      let covered = 0;
      let pixels = 0;
      for (let row = -reach; row <= reach; row++) {
        const pictureRow = window.y + y + row;
        if (pictureRow < 0 || pictureRow >= height) continue;
        const half = halfWidths[row + reach]!;
        pixels += Math.min(width, window.x + x + half + 1) - Math.max(0, window.x + x - half);
        covered += sums.row(y + row, x - half, x + half + 1);
      }
      if (2 * covered !== pixels) result[y * window.width + x] = 2 * covered > pixels ? 1 : 0;
    }
  }
  return runsFromWindow(result, window, width, height);
}

/** Pixel counts of any rectangle in constant time. Beyond the window all is background. */
class RowSums {
  readonly #table: Int32Array;
  readonly #stride: number;

  constructor(
    bitmap: Uint8Array,
    readonly width: number,
    readonly height: number,
  ) {
    this.#stride = width + 1;
    this.#table = new Int32Array((width + 1) * (height + 1));
    for (let y = 0; y < height; y++) {
      let inRow = 0;
      for (let x = 0; x < width; x++) {
        inRow += bitmap[y * width + x]!;
        this.#table[(y + 1) * this.#stride + x + 1] = this.#table[y * this.#stride + x + 1]! + inRow;
      }
    }
  }

  rectangle(left: number, top: number, right: number, bottom: number): number {
    const x0 = left < 0 ? 0 : left;
    const y0 = top < 0 ? 0 : top;
    const x1 = right > this.width ? this.width : right;
    const y1 = bottom > this.height ? this.height : bottom;
    const upper = y0 * this.#stride;
    const lower = y1 * this.#stride;
    return (
      this.#table[lower + x1]! -
      this.#table[lower + x0]! -
      this.#table[upper + x1]! +
      this.#table[upper + x0]!
    );
  }

  row(y: number, left: number, right: number): number {
    return y < 0 || y >= this.height ? 0 : this.rectangle(left, y, right, y + 1);
  }
}
