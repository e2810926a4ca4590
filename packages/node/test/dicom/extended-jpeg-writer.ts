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

export interface ExtendedComponent {
  /** Samples of this component in the smallest unit of the frame. */
  readonly across: number;
  readonly down: number;
  /** Its sample at a place of its own grid. */
  readonly sample: (x: number, y: number) => number;
}

export interface ExtendedJpeg {
  readonly width: number;
  readonly height: number;
  readonly components: readonly ExtendedComponent[];
  /** Divides every coefficient; beyond 255 the table takes words. Default 1. */
  readonly quantisation?: number;
  /** Units between restart markers. */
  readonly restartInterval?: number;
  readonly separateScans?: boolean;
}

const bits = 12;
const differenceTable: CodeTable = {
  counts: [0, 0, 0, 0, 16, ...Array(11).fill(0)],
  symbols: Array.from({ length: 16 }, (_, size) => size),
};
/** End of block, skip sixteen, and every run with every size; the first eight have short codes. */
const otherTable: CodeTable = {
  counts: [0, 0, 0, 8, 0, 0, 0, 0, 218, ...Array(7).fill(0)],
  symbols: [
    0,
    0xf0,
    ...Array.from({ length: 224 }, (_, index) => (Math.floor(index / 14) << 4) | ((index % 14) + 1)),
  ],
};
const writeDifference = symbolWriter(differenceTable);
const writeOther = symbolWriter(otherTable);

/** Diagonals, up and down in turn. */
const zigzag = Array.from({ length: 64 }, (_, index) => [index % 8, Math.floor(index / 8)] as const).sort(
  ([ax, ay], [bx, by]) => ax + ay - bx - by || ((ax + ay) % 2 ? ay - by : ax - bx),
);

/** Encodes sequential JPEG of 12 bits, process 4. */
export function writeExtendedJpeg(picture: ExtendedJpeg): Uint8Array {
  const { width, height, components, quantisation = 1, restartInterval = 0 } = picture;
  const all = [...components.keys()];
  const isWide = quantisation > 255;
  const scans = picture.separateScans ? all.map((index) => [index]) : [all];
  return Buffer.concat([
    startOfImage,
    segment(0xdb, [
      isWide ? 0x10 : 0,
      ...Array.from({ length: 64 }, () =>
        isWide ? [quantisation >> 8, quantisation & 255] : [quantisation],
      ).flat(),
    ]),
    segment(0xc1, [
      ...[bits, height >> 8, height & 255, width >> 8, width & 255, components.length],
      ...components.flatMap(({ across, down }, index) => [index + 1, (across << 4) | down, 0]),
    ]),
    tableSegment(0x00, differenceTable),
    tableSegment(0x10, otherTable),
    segment(0xdd, [restartInterval >> 8, restartInterval & 255]),
    ...scans.flatMap((scan) => [
      segment(0xda, [scan.length, ...scan.flatMap((index) => [index + 1, 0x00]), 0, 63, 0]),
      encodeScan(picture, scan),
    ]),
    endOfImage,
  ]);
}

function encodeScan(picture: ExtendedJpeg, scan: readonly number[]): Buffer {
  const { width, height, components, quantisation = 1, restartInterval = 0 } = picture;
  const most = (side: "across" | "down") => Math.max(...components.map((component) => component[side]));
  const isAlone = scan.length === 1;
  const [unitWidth, unitHeight] = isAlone
    ? [(8 * most("across")) / components[scan[0]!]!.across, (8 * most("down")) / components[scan[0]!]!.down]
    : [8 * most("across"), 8 * most("down")];
  const [unitsAcross, unitsDown] = [Math.ceil(width / unitWidth), Math.ceil(height / unitHeight)];
  const writer = new BitWriter();
  let last = scan.map(() => 0);
  for (let unit = 0; unit < unitsAcross * unitsDown; unit += 1) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      writer.restart(unit / restartInterval - 1);
      last = scan.map(() => 0);
    }
    for (const [place, index] of scan.entries()) {
      const { across, down, sample } = components[index]!;
      const [blocksAcross, blocksDown] = isAlone ? [1, 1] : [across, down];
      for (let y = 0; y < blocksDown; y += 1)
        for (let x = 0; x < blocksAcross; x += 1) {
          const left = ((unit % unitsAcross) * blocksAcross + x) * 8;
          const top = (Math.floor(unit / unitsAcross) * blocksDown + y) * 8;
          const block = transform((dx, dy) => sample(left + dx, top + dy), quantisation);
          last[place] = writeBlock(writer, block, last[place]!);
        }
    }
  }
  return writer.finish();
}

/** The cosine transform of ITU-T T.81 A.3.3, divided and rounded, in zigzag order. */
function transform(sample: (x: number, y: number) => number, quantisation: number): number[] {
  const scale = (frequency: number) => (frequency === 0 ? Math.SQRT1_2 : 1);
  return zigzag.map(([u, v]) => {
    let sum = 0;
    for (let y = 0; y < 8; y += 1)
      for (let x = 0; x < 8; x += 1)
        sum +=
          (sample(x, y) - 2 ** (bits - 1)) *
          Math.cos(((2 * x + 1) * u * Math.PI) / 16) *
          Math.cos(((2 * y + 1) * v * Math.PI) / 16);
    return Math.round((sum * scale(u) * scale(v)) / 4 / quantisation);
  });
}

function writeBlock(writer: BitWriter, [first = 0, ...others]: number[], last: number): number {
  const [size, firstBits] = signedBits(first - last);
  writeDifference(writer, size);
  writer.write(firstBits, size);
  let run = 0;
  for (const [index, value] of others.entries()) {
    if (others.slice(index).every((rest) => rest === 0)) {
      writeOther(writer, 0);
      break;
    }
    if (value === 0) {
      run += 1;
      continue;
    }
    for (; run > 15; run -= 16) writeOther(writer, 0xf0);
    const [valueSize, valueBits] = signedBits(value);
    writeOther(writer, (run << 4) | valueSize);
    writer.write(valueBits, valueSize);
    run = 0;
  }
  return first;
}
