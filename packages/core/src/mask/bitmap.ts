import { rowChangesFromRuns } from "./row-changes.js";
import { RunBuilder } from "./run-builder.js";
import type { Runs } from "./runs.js";
import { transposeRuns } from "./transpose-runs.js";

/** Below this length a loop beats the call of `fill`. */
const SHORT_RUN = 12;

/** Reads a row-major `[height, width]` bitmap; a pixel is foreground when its byte is at least `threshold`. */
export function runsFromBitmap(
  bitmap: ArrayLike<number>,
  width: number,
  height: number,
  threshold = 1,
): Runs {
  const rowRuns = bitmap instanceof Uint8Array ? scanBytes(bitmap, threshold) : scanValues(bitmap, threshold);
  // Row-major runs are the column-major runs of the mirrored picture.
  return transposeRuns(rowRuns, height, width);
}

/** Writes a row-major `[height, width]` bitmap with `foreground` in mask pixels and 0 elsewhere. */
export function bitmapFromRuns(
  runs: Runs,
  width: number,
  height: number,
  foreground: number,
): Uint8Array<ArrayBuffer> {
  const bitmap = new Uint8Array(width * height);
  const { rowStart, columns } = rowChangesFromRuns(runs, width, height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const lastChange = rowStart[y + 1]!;
    for (let index = rowStart[y]!; index < lastChange; index += 2) {
      const start = row + columns[index]!;
      const end = row + (index + 1 < lastChange ? columns[index + 1]! : width);
      if (end - start < SHORT_RUN) for (let pixel = start; pixel < end; pixel++) bitmap[pixel] = foreground;
      else bitmap.fill(foreground, start, end);
    }
  }
  return bitmap;
}

function scanValues(values: ArrayLike<number>, threshold: number): Runs {
  const builder = new RunBuilder();
  let inside = false;
  for (let index = 0; index < values.length; index++) {
    if (values[index]! >= threshold !== inside) {
      inside = !inside;
      builder.toggle(index);
    }
  }
  return builder.finish(values.length);
}

/** As `scanValues`, four bytes at a time where all four repeat the byte that began the run. */
function scanBytes(bytes: Uint8Array, threshold: number): Runs {
  const builder = new RunBuilder();
  const length = bytes.length;
  const head = Math.min(length, (4 - (bytes.byteOffset & 3)) & 3);
  const wordCount = (length - head) >> 2;
  const words =
    wordCount > 0 ? new Uint32Array(bytes.buffer, bytes.byteOffset + head, wordCount) : new Uint32Array(0);
  let inside = false;
  let repeated = threshold <= 0 ? -1 : 0;
  const visit = (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      const byte = bytes[index]!;
      if (byte >= threshold === inside) continue;
      inside = !inside;
      repeated = Math.imul(byte, 0x01010101) >>> 0;
      builder.toggle(index);
    }
  };
  visit(0, head);
  for (let word = 0; word < words.length; word++) {
    if (words[word] === repeated) continue;
    const index = head + word * 4;
    visit(index, index + 4);
  }
  visit(head + words.length * 4, length);
  return builder.finish(length);
}
