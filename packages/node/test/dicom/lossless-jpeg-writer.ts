import {
  BitWriter,
  type CodeTable,
  endOfImage,
  segment,
  signedBits,
  startOfImage,
  symbolWriter,
  tableSegment,
} from "./jpeg-bits.js";

export interface LosslessJpeg {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Samples of each component, row after row. */
  readonly planes: readonly (readonly number[])[];
  /** Which prediction, 1 to 7. */
  readonly selection: number;
  readonly pointTransform?: number;
  /** Rows between restart markers. */
  readonly restartRows?: number;
  /** A scan for each component instead of one for all. */
  readonly separateScans?: boolean;
}

/** Codes of 2 to 16 bits for the sizes 0 to 16, the last three with 16. */
const table: CodeTable = {
  counts: [0, ...Array(14).fill(1), 3],
  symbols: Array.from({ length: 17 }, (_, size) => size),
};
const writeSymbol = symbolWriter(table);

/** Predictions of ITU-T T.81 table H.1, from the neighbours left (a), above (b) and above left (c). */
const predictions: Readonly<Record<number, (a: number, b: number, c: number) => number>> = {
  1: (a) => a,
  2: (_a, b) => b,
  3: (_a, _b, c) => c,
  4: (a, b, c) => a + b - c,
  5: (a, b, c) => a + Math.floor((b - c) / 2),
  6: (a, b, c) => b + Math.floor((a - c) / 2),
  7: (a, b) => Math.floor((a + b) / 2),
};

/** Encodes lossless JPEG, process 14. */
export function writeLosslessJpeg(picture: LosslessJpeg): Uint8Array {
  const { width, height, bits, planes, selection, pointTransform = 0, restartRows = 0 } = picture;
  const all = [...planes.keys()];
  const scans = picture.separateScans ? all.map((index) => [index]) : [all];
  return Buffer.concat([
    startOfImage,
    segment(0xc3, [
      ...[bits, height >> 8, height & 255, width >> 8, width & 255, planes.length],
      ...all.flatMap((index) => [index + 1, 0x11, 0]),
    ]),
    tableSegment(0x01, table),
    segment(0xdd, [(restartRows * width) >> 8, (restartRows * width) & 255]),
    ...scans.flatMap((scan) => [
      segment(0xda, [
        scan.length,
        ...scan.flatMap((index) => [index + 1, 0x10]),
        ...[selection, 0, pointTransform],
      ]),
      encodeScan(picture, scan),
    ]),
    endOfImage,
  ]);
}

function encodeScan(picture: LosslessJpeg, scan: readonly number[]): Buffer {
  const { width, height, bits, planes, selection, pointTransform = 0, restartRows = 0 } = picture;
  const predictFrom = predictions[selection]!;
  const writer = new BitWriter();
  for (let y = 0; y < height; y += 1) {
    const afterRestart = restartRows > 0 && y > 0 && y % restartRows === 0;
    if (afterRestart) writer.restart(y / restartRows - 1);
    for (let x = 0; x < width; x += 1)
      for (const index of scan) {
        const at = (dx: number, dy: number) => planes[index]![(y + dy) * width + x + dx]! >> pointTransform;
        const isFirstRow = y === 0 || afterRestart;
        const expected =
          isFirstRow && x === 0
            ? 2 ** (bits - pointTransform - 1)
            : isFirstRow
              ? at(-1, 0)
              : x === 0
                ? at(0, -1)
                : predictFrom(at(-1, 0), at(0, -1), at(-1, -1));
        writeDifference(writer, at(0, 0) - expected);
      }
  }
  return writer.finish();
}

/** Differences count modulo 65,536, from -32,767 to 32,768; the largest has a size of 16 and no further bits. */
function writeDifference(writer: BitWriter, difference: number): void {
  const wrapped = ((((difference + 32_767) % 65_536) + 65_536) % 65_536) - 32_767;
  const [size, bits] = signedBits(wrapped);
  writeSymbol(writer, size);
  if (size < 16) writer.write(bits, size);
}
