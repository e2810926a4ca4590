import type { ImageSize } from "@maskery/core";

const widthTag = 256;
const heightTag = 257;
const shortType = 3;
const longType = 4;

/** Reads the size of the first picture from its directory, in either byte order, classic or BigTIFF. */
export function tiffSize(view: DataView): ImageSize | undefined {
  const littleEndian = view.getUint8(0) === 0x49;
  const big = view.getUint16(2, littleEndian) === 43;
  const offsetAt = (offset: number) =>
    big ? Number(view.getBigUint64(offset, littleEndian)) : view.getUint32(offset, littleEndian);

  const directory = offsetAt(big ? 8 : 4);
  const entries = big
    ? Number(view.getBigUint64(directory, littleEndian))
    : view.getUint16(directory, littleEndian);
  const entryBytes = big ? 20 : 12;
  const firstEntry = directory + (big ? 8 : 2);

  let width: number | undefined;
  let height: number | undefined;
  // Entries are sorted by tag, and these two are among the first.
  for (let index = 0; index < entries && (width === undefined || height === undefined); index += 1) {
    const entry = firstEntry + index * entryBytes;
    const tag = view.getUint16(entry, littleEndian);
    if (tag > heightTag) return undefined;
    if (tag !== widthTag && tag !== heightTag) continue;
    const type = view.getUint16(entry + 2, littleEndian);
    const valueAt = entry + (big ? 12 : 8);
    if (type !== shortType && type !== longType) return undefined;
    const value =
      type === shortType ? view.getUint16(valueAt, littleEndian) : view.getUint32(valueAt, littleEndian);
    if (tag === widthTag) width = value;
    else height = value;
  }
  return width === undefined || height === undefined ? undefined : { width, height };
}
