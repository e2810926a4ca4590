import type { DataSet } from "dicom-parser";
import type { FrameAttributes } from "./frame-attributes.js";
import { type LookupTable, lookUp, readLookupTable } from "./lookup-table.js";
import type { PixelFormat } from "./pixel-format.js";

const transformGroup = "x00289145";
const modalityTables = "x00283000";
const voiTables = "x00283010";
const tableTags = { descriptor: "x00283002", data: "x00283006" } as const;
const explanationTag = "x00283003";

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/** What turns stored values into the file's units, for CT Hounsfield. */
export function readRescale(attributes: FrameAttributes): Rescale {
  return {
    slope: attributes.numbers(transformGroup, "x00281053")?.[0] || 1,
    intercept: attributes.numbers(transformGroup, "x00281052")?.[0] ?? 0,
  };
}

/**
 * The file's table of units where it has one (Modality LUT, DICOM PS3.3 C.11.1), else its rescale.
 * @throws MaskeryError `CORRUPT_IMAGE` for a broken table.
 */
export function readUnits(
  dataSet: DataSet,
  attributes: FrameAttributes,
  { signed }: PixelFormat,
): (stored: number) => number {
  const item = dataSet.elements[modalityTables]?.items?.[0]?.dataSet;
  if (item) {
    const table = readLookupTable(item, tableTags, signed);
    return (stored) => lookUp(table, stored);
  }
  const { slope, intercept } = readRescale(attributes);
  return (stored) => stored * slope + intercept;
}

/**
 * The first table of brightness that the file suggests (VOI LUT, C.11.2): from the file's units to 0..255.
 * @throws MaskeryError `CORRUPT_IMAGE` for a broken table.
 */
export function readBrightnessTable(
  dataSet: DataSet,
  unitsOfLowest: number,
): ((value: number) => number) | undefined {
  const item = dataSet.elements[voiTables]?.items?.[0]?.dataSet;
  if (!item) return undefined;
  const table: LookupTable = readLookupTable(item, tableTags, unitsOfLowest < 0);
  const highest = 2 ** table.bits - 1;
  return (value) => (lookUp(table, value) * 255) / highest;
}

/** What the file calls its tables of brightness; empty where it has none. */
export function brightnessTableNames(dataSet: DataSet): readonly string[] {
  const items = dataSet.elements[voiTables]?.items ?? [];
  return items.map(({ dataSet: item }) => item?.string(explanationTag) ?? "");
}

/** Pixel Padding Value, or a range of them (C.7.5.1.1.2). */
export function readPadding(dataSet: DataSet, { signed }: PixelFormat): (stored: number) => boolean {
  const [one, other] = ["x00280120", "x00280121"].map((tag) =>
    signed ? dataSet.int16(tag) : dataSet.uint16(tag),
  );
  if (one === undefined) return () => false;
  const [from, to] = [Math.min(one, other ?? one), Math.max(one, other ?? one)];
  return (stored) => stored >= from && stored <= to;
}
