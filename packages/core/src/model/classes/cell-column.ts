/** Row-major `[height, width]` planes of one size. */
export interface PlaneStack {
  readonly planes: readonly Float32Array[];
  readonly width: number;
  readonly height: number;
}

/** The cells between two neighbouring columns of the planes. */
export class CellColumn {
  readonly #stack: PlaneStack;
  readonly #strongest: Uint16Array;
  /** For each cell the planes that can win there; made when first asked for. */
  readonly #candidates: (readonly number[] | undefined)[];
  #left = -1;
  #right = -1;
  #blended: readonly number[] = [];
  readonly #upper: Float64Array;
  readonly #lower: Float64Array;

  constructor(stack: PlaneStack, strongest: Uint16Array) {
    this.#stack = stack;
    this.#strongest = strongest;
    this.#candidates = new Array<readonly number[] | undefined>(stack.height);
    this.#upper = new Float64Array(stack.planes.length);
    this.#lower = new Float64Array(stack.planes.length);
  }

  moveTo(left: number): void {
    if (left === this.#left) return;
    this.#left = left;
    this.#right = Math.min(this.#stack.width - 1, left + 1);
    this.#candidates.fill(undefined);
  }

  /** The one plane that wins in all of a cell, or -1. */
  single(cell: number): number {
    const { width, height } = this.#stack;
    const upper = cell * width;
    const lower = Math.min(height - 1, cell + 1) * width;
    const first = this.#strongest[upper + this.#left]!;
    return this.#strongest[upper + this.#right] === first &&
      this.#strongest[lower + this.#left] === first &&
      this.#strongest[lower + this.#right] === first
      ? first
      : -1;
  }

  /** Prepares `strongestAt` for one image column that crosses a cell. */
  blend(cell: number, fraction: number): void {
    const { width, height, planes } = this.#stack;
    const upper = cell * width;
    const lower = Math.min(height - 1, cell + 1) * width;
    this.#candidates[cell] ??= this.#whoCanWin(upper, lower);
    this.#blended = this.#candidates[cell];
    this.#blended.forEach((plane, index) => {
      const values = planes[plane]!;
      const above = values[upper + this.#left]!;
      const below = values[lower + this.#left]!;
      this.#upper[index] = above + (values[upper + this.#right]! - above) * fraction;
      this.#lower[index] = below + (values[lower + this.#right]! - below) * fraction;
    });
  }

  strongestAt(fraction: number): number {
    let winner = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < this.#blended.length; index++) {
      const value = this.#upper[index]! + (this.#lower[index]! - this.#upper[index]!) * fraction;
      if (value > highest) {
        highest = value;
        winner = index;
      }
    }
    return this.#blended[winner]!;
  }

  /** Bilinear values stay between those at the corners, so a plane whose highest is below another's lowest cannot win. */
  #whoCanWin(upper: number, lower: number): number[] {
    const [left, right] = [this.#left, this.#right];
    const corners = (values: Float32Array) =>
      [values[upper + left]!, values[upper + right]!, values[lower + left]!, values[lower + right]!] as const;
    let bar = Number.NEGATIVE_INFINITY;
    for (const values of this.#stack.planes) bar = Math.max(bar, Math.min(...corners(values)));
    const possible: number[] = [];
    this.#stack.planes.forEach((values, plane) => {
      if (Math.max(...corners(values)) >= bar) possible.push(plane);
    });
    return possible;
  }
}
