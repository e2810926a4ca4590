import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import type { ImageSize } from "../../image/rgba-image.js";
import type { Runs } from "../../mask/runs.js";
import type { PixelWindow } from "../../mask/window.js";
import { pause } from "../../pause.js";
import { CellColumn, type PlaneStack } from "./cell-column.js";
import { LabelRuns } from "./label-runs.js";
import { type PlaneMapping, planePositions } from "./plane-mapping.js";

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
