import { corruptDicom } from "../dicom-failure.js";
import type { BitReader } from "./bit-reader.js";
import type { HuffmanTable } from "./huffman-table.js";
import type { JpegFrame, JpegScan, Plane } from "./jpeg-frame.js";

/**
 * Decodes a scan of lossless JPEG (ITU-T T.81 annex H): every sample is what its neighbours let expect plus a coded
 * difference.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function decodeLosslessScan(
  reader: BitReader,
  { width, height, bitsPerSample }: JpegFrame,
  { components, selection, pointTransform, restartInterval }: JpegScan,
  planes: readonly Plane[],
): void {
  if (selection < 1 || selection > 7)
    throw corruptDicom(`expected a lossless JPEG prediction from 1 to 7, received ${selection}`);
  if (pointTransform >= bitsPerSample)
    throw corruptDicom(
      `expected fewer than ${bitsPerSample} dropped bits in lossless JPEG, received ${pointTransform}`,
    );
  // Restarts come between rows only (H.1.1), so that the row after one has nothing above it.
  if (restartInterval % width !== 0)
    throw corruptDicom(`expected JPEG restarts after whole rows of ${width}, received ${restartInterval}`);
  const rowsBetweenRestarts = restartInterval / width;
  const start = 1 << (bitsPerSample - pointTransform - 1);
  const single = components.length === 1 ? components[0] : undefined;
  for (let row = 0; row < height; row += 1) {
    const restarts = rowsBetweenRestarts > 0 && row > 0 && row % rowsBetweenRestarts === 0;
    if (restarts) reader.restart(row / rowsBetweenRestarts - 1);
    const isFirst = row === 0 || restarts;
    const offset = row * width;
    if (single) {
      const { samples } = planes[single.index] as Plane;
      for (let x = 0; x < width; x += 1) {
        const expected = predict(samples, offset + x, x, width, isFirst, selection, start);
        samples[offset + x] = expected + readDifference(reader, single.differences);
      }
    } else {
      for (let x = 0; x < width; x += 1)
        for (const { index, differences } of components) {
          const { samples } = planes[index] as Plane;
          const expected = predict(samples, offset + x, x, width, isFirst, selection, start);
          samples[offset + x] = expected + readDifference(reader, differences);
        }
    }
    reader.check();
  }
}

/** Gives back the bits that the point transform dropped, as zeros. */
export function undoPointTransform({ samples }: Plane, pointTransform: number): void {
  if (pointTransform === 0) return;
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = (samples[index] as number) << pointTransform;
}

function predict(
  samples: Uint16Array,
  at: number,
  x: number,
  width: number,
  isFirstRow: boolean,
  selection: number,
  start: number,
): number {
  if (isFirstRow) return x === 0 ? start : (samples[at - 1] as number);
  const above = samples[at - width] as number;
  if (x === 0) return above;
  const left = samples[at - 1] as number;
  const corner = samples[at - width - 1] as number;
  switch (selection) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return corner;
    case 4:
      return left + above - corner;
    case 5:
      return left + ((above - corner) >> 1);
    case 6:
      return above + ((left - corner) >> 1);
    default:
      return (left + above) >> 1;
  }
}

/** Sums wrap at 16 bits, as those of a `Uint16Array` do: 16 bits need no more than a sign for the largest difference. */
function readDifference(reader: BitReader, table: HuffmanTable): number {
  const bits = reader.readSymbol(table);
  if (bits < 16) return reader.readSigned(bits);
  if (bits > 16)
    throw corruptDicom(`expected lossless JPEG differences of at most 16 bits, received ${bits}`);
  return 32_768;
}
