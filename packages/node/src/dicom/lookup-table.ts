import type { DataSet } from "dicom-parser";
import { corruptDicom, unsupportedDicom } from "./dicom-failure.js";

const mostEntries = 65_536;

/** A table of a file: what stands for an input from `first` on. */
export interface LookupTable {
  /** The input of its first entry; inputs outside have the value of the nearest end. */
  readonly first: number;
  readonly entries: Uint16Array;
  /** 8 to 16; entries go from 0 to 2 ** bits - 1. */
  readonly bits: number;
}

export interface LookupTags {
  /** Number of entries, first input, bits of an entry. */
  readonly descriptor: string;
  readonly data: string;
}

/**
 * Reads a table as Modality LUT, VOI LUT and palettes have them (DICOM PS3.3 C.11.1.1.1).
 * @param inputIsSigned - Whether the first input may be negative; an explicit type in the file goes before it.
 * @throws MaskeryError `CORRUPT_IMAGE` when the table is missing or short, `UNSUPPORTED_FORMAT` for entries of other depths.
 */
export function readLookupTable(
  dataSet: DataSet,
  { descriptor, data }: LookupTags,
  inputIsSigned: boolean,
): LookupTable {
  const { count, first, bits } = readDescriptor(dataSet, descriptor, inputIsSigned);
  const element = dataSet.elements[data];
  if (!element) throw corruptDicom("expected the entries of a DICOM lookup table, found none");
  const found = Math.min(element.length, dataSet.byteArray.length - element.dataOffset);
  // Entries of 8 bits stand alone in a word, or two of them.
  const isPacked = bits === 8 && element.length < count * 2;
  if (found < count * (isPacked ? 1 : 2))
    throw corruptDicom(`expected a DICOM lookup table of ${count} entries, found ${found} bytes`);
  const { readUint16 } = dataSet.byteArrayParser;
  const entries = Uint16Array.from({ length: count }, (_, index) =>
    isPacked
      ? (dataSet.byteArray[element.dataOffset + index] as number)
      : entryOf(readUint16(dataSet.byteArray, element.dataOffset + index * 2), bits),
  );
  return { first, entries, bits };
}

export function readDescriptor(
  dataSet: DataSet,
  tag: string,
  inputIsSigned: boolean,
): { count: number; first: number; bits: number } {
  // 0 stands for 65,536, which does not fit.
  const count = dataSet.uint16(tag, 0) || mostEntries;
  const type = dataSet.elements[tag]?.vr;
  const signed = type === "SS" || (type !== "US" && inputIsSigned);
  const first = (signed ? dataSet.int16(tag, 1) : dataSet.uint16(tag, 1)) ?? 0;
  const bits = dataSet.uint16(tag, 2) ?? 16;
  if (bits < 8 || bits > 16)
    throw unsupportedDicom(`expected a DICOM lookup table of 8 to 16 bits, received ${bits}`);
  return { count, first, bits };
}

/** Writers leave the upper byte of 8-bit entries as it was; others are held within what the file says. */
function entryOf(word: number, bits: number): number {
  return bits === 8 ? word & 255 : Math.min(word, 2 ** bits - 1);
}

export function lookUp({ first, entries }: LookupTable, input: number): number {
  const index = Math.min(entries.length - 1, Math.max(0, Math.round(input) - first));
  return entries[index] as number;
}
