import type { LogitsPlane } from "./logits-plane.js";
import { RunBuilder } from "./run-builder.js";
import { copyBox } from "./run-transforms.js";
import type { Runs } from "./runs.js";

/**
 * Thresholds a low-resolution plane at image resolution without ever making the image-sized plane: each image column is a
 * blend of two plane columns; only neighbours of opposite sign can hold a border (bilinear values stay between their
 * neighbours), and there the crossing is solved. Equal to upsampling bilinearly (half-pixel centres, no corner alignment)
 * and testing `value > threshold`, inside the plane's window.
 * @param imageWidth - Pixels across the resulting mask; `imageHeight` likewise down.
 */
export function runsFromLogits(
  plane: LogitsPlane,
  imageWidth: number,
  imageHeight: number,
  threshold = 0,
): Runs {
  if (plane.window) {
    const { x, y, width, height } = plane.window;
    const runs = runsFromLogits({ ...plane, window: undefined }, width, height, threshold);
    return copyBox(runs, width, height, { x: -x, y: -y, width: imageWidth, height: imageHeight });
  }
  const { width, height, scaleX, scaleY } = plane;
  const columns = transpose(plane, threshold);
  const blend = new Float64Array(height);
  const builder = new RunBuilder();
  // Rows below this plane position are never read by any image row.
  const lastRow = Math.min(height - 1, Math.ceil((imageHeight - 0.5) * scaleY - 0.5));
  const signs = columnSigns(columns, width, height, lastRow);
  for (let x = 0; x < imageWidth; x++) {
    const position = Math.min(width - 1, Math.max(0, (x + 0.5) * scaleX - 0.5));
    const left = Math.floor(position);
    const right = Math.min(width - 1, left + 1);
    const sign = signs[left]!;
    if (sign !== MIXED && sign === signs[right]) {
      if ((sign === INSIDE) !== builder.inside) builder.toggle(x * imageHeight);
      continue;
    }
    const fraction = position - left;
    const leftColumn = left * height;
    const rightColumn = right * height;
    for (let row = 0; row <= lastRow; row++) {
      const value = columns[leftColumn + row]!;
      blend[row] = value + (columns[rightColumn + row]! - value) * fraction;
    }
    addColumn(builder, blend, lastRow, scaleY, x * imageHeight, imageHeight);
  }
  return builder.finish(imageWidth * imageHeight);
}

function addColumn(
  builder: RunBuilder,
  blend: Float64Array,
  lastRow: number,
  scaleY: number,
  columnStart: number,
  imageHeight: number,
): void {
  let inside = blend[0]! > 0;
  if (inside !== builder.inside) builder.toggle(columnStart);
  let previousY = 0;
  for (let row = 1; row <= lastRow; row++) {
    const value = blend[row]!;
    if (value > 0 === inside) continue;
    const before = blend[row - 1]!;
    const crossing = row - 1 + before / (before - value);
    const y = (crossing + 0.5) / scaleY - 0.5;
    // Leaving: the first pixel at or beyond the crossing is out. Entering: the first pixel beyond it is in.
    const border = inside ? Math.ceil(y) : Math.floor(y) + 1;
    inside = !inside;
    if (border >= imageHeight) {
      // The remaining borders lie beyond the picture too; the column keeps its sign to the end.
      return;
    }
    previousY = Math.max(previousY, border);
    builder.toggle(columnStart + previousY);
  }
}

const OUTSIDE = 0;
const INSIDE = 1;
const MIXED = 2;

/** For each plane column whether all of its rows that matter lie on one side; between two such of one kind is no border. */
function columnSigns(columns: Float32Array, width: number, height: number, lastRow: number): Uint8Array {
  const signs = new Uint8Array(width);
  for (let column = 0; column < width; column++) {
    const start = column * height;
    const first = columns[start]! > 0;
    let row = 1;
    while (row <= lastRow && columns[start + row]! > 0 === first) row++;
    signs[column] = row <= lastRow ? MIXED : first ? INSIDE : OUTSIDE;
  }
  return signs;
}

/** Column-major copy with the threshold taken off, so that the sign alone decides. */
function transpose(plane: LogitsPlane, threshold: number): Float32Array {
  const { data, width, height } = plane;
  const columns = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) columns[x * height + y] = data[y * width + x]! - threshold;
  }
  return columns;
}
