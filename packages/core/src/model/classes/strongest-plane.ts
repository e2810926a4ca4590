import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import type { ImageSize } from "../../image/rgba-image.js";
import { RunBuilder } from "../../mask/run-builder.js";
import type { Runs } from "../../mask/runs.js";
import type { PixelWindow } from "../../mask/window.js";
import { pause } from "../../pause.js";
import { type PlaneMapping, planePositions } from "./plane-mapping.js";

/** Row-major `[height, width]` planes of one size. */
export interface PlaneStack {
  readonly planes: readonly Float32Array[];
  readonly width: number;
  readonly height: number;
}

/** Work between two pauses: a few milliseconds of it. */
const VALUES_PER_SLICE = 2_000_000;
const PIXELS_PER_SLICE = 400_000;

/** For each position the number of the plane with the highest value; the first of equal ones. */
export async function strongestAtPositions(
  { planes, width, height }: PlaneStack,
  options: CallOptions = {},
): Promise<{ readonly strongest: Uint16Array; readonly value: Float32Array }> {
  const strongest = new Uint16Array(width * height);
  const value = Float32Array.from(planes[0]!);
  let sinceLastPause = 0;
  for (let plane = 1; plane < planes.length; plane++) {
    sinceLastPause += value.length;
    if (sinceLastPause > VALUES_PER_SLICE) {
      sinceLastPause = 0;
      await pause();
      throwIfAborted(options.signal);
    }
    takeStronger(planes[plane]!, plane, strongest, value);
  }
  return { strongest, value };
}

function takeStronger(
  plane: Float32Array,
  number: number,
  strongest: Uint16Array,
  value: Float32Array,
): void {
  for (let index = 0; index < value.length; index++) {
    if (plane[index]! > value[index]!) {
      value[index] = plane[index]!;
      strongest[index] = number;
    }
  }
}

/**
 * For every plane the pixels of the picture where it has the highest value, as if all planes were enlarged bilinearly
 * (half-pixel centres, no corner alignment) and compared pixel by pixel. Nothing of the picture's size is made: where one plane
 * is highest at all four positions around a pixel, so it is between them; elsewhere only planes that can win there are blended.
 * @param window - The part of the picture that is looked at; nothing is found beyond it. Default: all of it.
 * @param known - What `strongestAtPositions` gave for this stack.
 * @returns Runs of the whole picture by plane number; undefined for planes that win nowhere.
 */
export async function strongestRuns(
  stack: PlaneStack,
  mapping: PlaneMapping,
  image: ImageSize,
  options: CallOptions & {
    readonly window?: PixelWindow;
    readonly known?: { readonly strongest: Uint16Array };
  } = {},
): Promise<(Runs | undefined)[]> {
  const window = options.window ?? { x: 0, y: 0, width: image.width, height: image.height };
  const { strongest } = options.known ?? (await strongestAtPositions(stack, options));
  const columns = planePositions(window.x, window.width, mapping.scaleX, mapping.offsetX, stack.width);
  const rows = planePositions(window.y, window.height, mapping.scaleY, mapping.offsetY, stack.height);
  const labels = new LabelRuns(image);
  const cells = new CellColumn(stack, strongest);
  const columnsPerSlice = Math.max(1, Math.floor(PIXELS_PER_SLICE / Math.max(1, window.height)));
  for (let column = 0; column < window.width; column++) {
    if (column > 0 && column % columnsPerSlice === 0) {
      await pause();
      throwIfAborted(options.signal);
    }
    cells.moveTo(columns.before[column]!);
    const start = (window.x + column) * image.height + window.y;
    addColumn(labels, cells, columns.fraction[column]!, rows, start);
    if (window.height < image.height || column === window.width - 1) labels.close(start + window.height);
  }
  return labels.finish(stack.planes.length);
}

function addColumn(
  labels: LabelRuns,
  cells: CellColumn,
  fraction: number,
  rows: { readonly before: Int32Array; readonly fraction: Float64Array },
  start: number,
): void {
  const { before } = rows;
  const length = before.length;
  for (let row = 0; row < length; ) {
    const cell = before[row]!;
    let end = row + 1;
    while (end < length && before[end] === cell) end++;
    const single = cells.single(cell);
    if (single >= 0) labels.change(single, start + row);
    else {
      cells.blend(cell, fraction);
      for (let y = row; y < end; y++) labels.change(cells.strongestAt(rows.fraction[y]!), start + y);
    }
    row = end;
  }
}

/** The cells between two neighbouring columns of the planes. */
class CellColumn {
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

/** Collects the runs of many labels that exclude each other, in one pass over the picture. */
class LabelRuns {
  readonly #pixels: number;
  readonly #builders: RunBuilder[] = [];
  #current = -1;

  constructor({ width, height }: ImageSize) {
    this.#pixels = width * height;
  }

  change(label: number, index: number): void {
    if (label === this.#current) return;
    if (this.#current >= 0) this.#builders[this.#current]!.toggle(index);
    this.#builders[label] ??= new RunBuilder();
    this.#builders[label].toggle(index);
    this.#current = label;
  }

  close(index: number): void {
    if (this.#current >= 0) this.#builders[this.#current]!.toggle(index);
    this.#current = -1;
  }

  finish(labels: number): (Runs | undefined)[] {
    return Array.from({ length: labels }, (_, label) => this.#builders[label]?.finish(this.#pixels));
  }
}
