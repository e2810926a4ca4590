import { corruptDicom } from "../dicom-failure.js";
import type { BitReader } from "./bit-reader.js";
import type { HuffmanTable } from "./huffman-table.js";
import { inverseCosineTransform } from "./inverse-cosine.js";
import type { JpegComponent, JpegFrame, JpegScan, Plane } from "./jpeg-frame.js";

const blockSide = 8;
const blockLength = blockSide * blockSide;
const skipSixteen = 0xf0;

/** Where the coefficients of a block lie as they come, in rows of eight (ITU-T T.81 figure A.6). */
export const zigzag = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6],
  ...[7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31],
  ...[39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
);

/** Size in blocks: as a scan of the component alone counts them, and rounded up to whole units of the frame. */
export function blocksOf({ across, down }: JpegComponent, { width, height, components }: JpegFrame) {
  const mostAcross = Math.max(...components.map((component) => component.across));
  const mostDown = Math.max(...components.map((component) => component.down));
  const unitsAcross = Math.ceil(width / (blockSide * mostAcross));
  const unitsDown = Math.ceil(height / (blockSide * mostDown));
  return {
    across: Math.ceil(Math.ceil((width * across) / mostAcross) / blockSide),
    down: Math.ceil(Math.ceil((height * down) / mostDown) / blockSide),
    unitsAcross,
    unitsDown,
    paddedAcross: unitsAcross * across,
    paddedDown: unitsDown * down,
  };
}

/** @throws MaskeryError `CORRUPT_IMAGE` when the stream is too short to hold the frame. */
export function allocatePlane(component: JpegComponent, frame: JpegFrame): Plane {
  const { paddedAcross, paddedDown } = blocksOf(component, frame);
  return {
    samples: new Uint16Array(paddedAcross * paddedDown * blockLength),
    stride: paddedAcross * blockSide,
  };
}

/**
 * Decodes a scan of sequential JPEG with cosine transform (ITU-T T.81 annex F), of 8 or 12 bits.
 * @param quantisations - The tables of the frame's components, coefficients as they come.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function decodeCosineScan(
  reader: BitReader,
  frame: JpegFrame,
  { components, restartInterval }: JpegScan,
  planes: readonly Plane[],
  quantisations: readonly Uint16Array[],
): void {
  const parts = components.map(({ index, differences, others }) => {
    const component = frame.components[index] as JpegComponent;
    const plane = planes[index] as Plane;
    const quantisation = quantisations[index] as Uint16Array;
    if (!others) throw corruptDicom("expected Huffman tables for every JPEG component, found one missing");
    return { component, plane, quantisation, differences, others, last: 0, size: blocksOf(component, frame) };
  });
  const first = parts[0] as (typeof parts)[number];
  const isAlone = parts.length === 1;
  const [unitsAcross, unitsDown] = isAlone
    ? [first.size.across, first.size.down]
    : [first.size.unitsAcross, first.size.unitsDown];
  const block = new Float64Array(blockLength);
  for (let unit = 0; unit < unitsAcross * unitsDown; unit += 1) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      reader.restart(unit / restartInterval - 1);
      for (const part of parts) part.last = 0;
    }
    const [unitX, unitY] = [unit % unitsAcross, Math.floor(unit / unitsAcross)];
    for (const part of parts) {
      const [across, down] = isAlone ? [1, 1] : [part.component.across, part.component.down];
      for (let y = 0; y < down; y += 1)
        for (let x = 0; x < across; x += 1) {
          part.last = readBlock(reader, part.differences, part.others, part.quantisation, part.last, block);
          inverseCosineTransform(block);
          placeBlock(block, part.plane, unitX * across + x, unitY * down + y, frame.bitsPerSample);
        }
    }
    reader.check();
  }
}

/** @returns The DC coefficient before dequantisation, which the next block's is coded against. */
function readBlock(
  reader: BitReader,
  differences: HuffmanTable,
  others: HuffmanTable,
  quantisation: Uint16Array,
  last: number,
  block: Float64Array,
): number {
  block.fill(0);
  const bits = reader.readSymbol(differences);
  if (bits > 15) throw corruptDicom(`expected JPEG differences of at most 15 bits, received ${bits}`);
  const first = last + reader.readSigned(bits);
  block[0] = first * (quantisation[0] as number);
  for (let index = 1; index < blockLength; index += 1) {
    const symbol = reader.readSymbol(others);
    const size = symbol & 15;
    if (size === 0 && symbol !== skipSixteen) break;
    index += symbol >> 4;
    if (index >= blockLength) throw corruptDicom("expected 64 JPEG coefficients in a block, found more");
    if (size > 0) block[zigzag[index] as number] = reader.readSigned(size) * (quantisation[index] as number);
  }
  return first;
}

function placeBlock(block: Float64Array, { samples, stride }: Plane, x: number, y: number, bits: number) {
  const middle = 2 ** (bits - 1);
  const highest = 2 ** bits - 1;
  for (let row = 0; row < blockSide; row += 1) {
    const to = (y * blockSide + row) * stride + x * blockSide;
    for (let column = 0; column < blockSide; column += 1) {
      const value = Math.round((block[row * blockSide + column] as number) + middle);
      samples[to + column] = value < 0 ? 0 : value > highest ? highest : value;
    }
  }
}
