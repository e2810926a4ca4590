import type { DataSet } from "dicom-parser";
import { corruptDicom } from "./dicom-failure.js";
import type { PixelFormat } from "./pixel-format.js";
import type { RawFrame } from "./raw-frame.js";

/** Three samples a pixel, or two in YBR_FULL_422, to RGBA. */
export function colourToRgba(raw: RawFrame, format: PixelFormat): Uint8Array {
  const pixels = format.width * format.height;
  const { samples, planar, photometric } = raw;
  const toByte = byteScale(format);
  const isYbr = photometric.startsWith("YBR");
  const halved = photometric === "YBR_FULL_422";
  const data = new Uint8ClampedArray(pixels * 4);
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    // Two pixels in four samples: both brightnesses, then the colour they share.
    const pair = (pixel >> 1) * 4;
    const [at, atSecond, atThird] = halved
      ? [pair + (pixel & 1), pair + 2, pair + 3]
      : planar
        ? [pixel, pixel + pixels, pixel + pixels * 2]
        : [pixel * 3, pixel * 3 + 1, pixel * 3 + 2];
    const first = toByte(samples[at] as number);
    const second = toByte(samples[atSecond] as number);
    const third = toByte(samples[atThird] as number);
    const to = pixel * 4;
    if (isYbr) {
      // The inverse of the equations in DICOM PS3.3 C.7.6.3.1.2, those of CCIR 601.
      data[to] = first + 1.402 * (third - 128);
      data[to + 1] = first - 0.344136 * (second - 128) - 0.714136 * (third - 128);
      data[to + 2] = first + 1.772 * (second - 128);
    } else {
      data[to] = first;
      data[to + 1] = second;
      data[to + 2] = third;
    }
    data[to + 3] = 255;
  }
  return new Uint8Array(data.buffer);
}

/** Samples of other depths brought to 8 bits. */
function byteScale({ bitsStored, lowBit }: PixelFormat): (sample: number) => number {
  if (bitsStored === 8 && lowBit === 0) return (sample) => sample & 255;
  const highest = 2 ** bitsStored - 1;
  return (sample) => Math.round((((sample >> lowBit) & highest) * 255) / highest);
}

/** Looks stored values up in the file's three tables (DICOM PS3.3 C.7.6.3.1.5). */
export function paletteToRgba(values: Int32Array, dataSet: DataSet): Uint8Array {
  const channels = [0, 1, 2].map((channel) => readPalette(dataSet, channel));
  const data = new Uint8Array(values.length * 4).fill(255);
  for (const [channel, { table, first }] of channels.entries()) {
    for (let index = 0; index < values.length; index += 1) {
      // Values outside the table have the colour of its nearest end.
      const entry = Math.min(table.length - 1, Math.max(0, (values[index] as number) - first));
      data[index * 4 + channel] = table[entry] as number;
    }
  }
  return data;
}

interface Palette {
  readonly table: Uint8Array;
  /** The stored value of its first entry. */
  readonly first: number;
}

function readPalette(dataSet: DataSet, channel: number): Palette {
  const descriptor = `x0028110${channel + 1}`;
  const element = dataSet.elements[`x0028120${channel + 1}`];
  // 0 stands for 65,536, which does not fit.
  const entries = dataSet.uint16(descriptor, 0) || 65_536;
  const signed = dataSet.uint16("x00280103") === 1;
  const first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
  const bits = dataSet.uint16(descriptor, 2) ?? 16;
  if (!element) throw corruptDicom("expected the palette of PALETTE COLOR, found none");
  const isPacked = bits === 8 && element.length < entries * 2;
  const found = Math.min(element.length, dataSet.byteArray.length - element.dataOffset);
  if (found < entries * (isPacked ? 1 : 2))
    throw corruptDicom(`expected a palette of ${entries} entries, found ${found} bytes`);
  const { readUint16 } = dataSet.byteArrayParser;
  const table = Uint8Array.from({ length: entries }, (_, index) => {
    if (isPacked) return dataSet.byteArray[element.dataOffset + index] as number;
    const word = readUint16(dataSet.byteArray, element.dataOffset + index * 2);
    return bits === 8 ? word & 255 : word >> 8;
  });
  return { table, first };
}
