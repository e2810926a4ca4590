import type { DataSet } from "dicom-parser";
import { corruptDicom } from "./dicom-failure.js";
import { type LookupTable, lookUp, readDescriptor, readLookupTable } from "./lookup-table.js";
import { expandSegments } from "./palette-segments.js";

/** Looks stored values up in the file's three tables (DICOM PS3.3 C.7.6.3.1.5). */
export function paletteToRgba(values: Int32Array, dataSet: DataSet): Uint8Array {
  const signed = dataSet.uint16("x00280103") === 1;
  const data = new Uint8Array(values.length * 4).fill(255);
  for (const channel of [0, 1, 2]) {
    const table = readPalette(dataSet, channel + 1, signed);
    const toByte = table.bits - 8;
    for (let index = 0; index < values.length; index += 1)
      data[index * 4 + channel] = lookUp(table, values[index] as number) >> toByte;
  }
  return data;
}

function readPalette(dataSet: DataSet, channel: number, signed: boolean): LookupTable {
  const descriptor = `x0028110${channel}`;
  const data = `x0028120${channel}`;
  const segmented = dataSet.elements[`x0028122${channel}`];
  if (dataSet.elements[data] || !segmented) return readLookupTable(dataSet, { descriptor, data }, signed);
  const { count, first, bits } = readDescriptor(dataSet, descriptor, signed);
  const end = Math.min(segmented.dataOffset + segmented.length, dataSet.byteArray.length);
  const bytes = dataSet.byteArray.subarray(segmented.dataOffset, end);
  const { readUint16 } = dataSet.byteArrayParser;
  // Opcodes, lengths and entries all have the size of an entry.
  const codes =
    bits === 8
      ? bytes
      : Uint16Array.from({ length: bytes.length >> 1 }, (_, index) => readUint16(bytes, index * 2));
  const entries = expandSegments(codes, count);
  if (entries.length < count)
    throw corruptDicom(`expected a DICOM palette of ${count} entries, found ${entries.length}`);
  return { first, entries, bits };
}
