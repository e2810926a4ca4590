import { corruptDicom } from "./dicom-failure.js";

const opcode = { discrete: 0, linear: 1, indirect: 2 } as const;

/**
 * Expands a segmented palette (DICOM PS3.3 C.7.9.2): stretches written out, straight lines, and earlier segments again.
 * @param codes - Bytes, or words, as wide as an entry.
 * @param count - Entries of the whole palette; what goes beyond is left out.
 * @throws MaskeryError `CORRUPT_IMAGE`.
 */
export function expandSegments(codes: Uint8Array | Uint16Array, count: number): Uint16Array {
  const entries = new Uint16Array(count);
  let filled = 0;
  const at = (offset: number): number => {
    const code = codes[offset];
    if (code === undefined) throw corruptDicom("expected complete palette segments, found their end");
    return code;
  };
  const put = (entry: number) => {
    if (filled < count) entries[filled] = entry;
    filled += 1;
  };

  /** @returns The offset of the next segment. */
  const expand = (offset: number, mayRefer: boolean): number => {
    const kind = at(offset);
    const length = at(offset + 1);
    // Empty segments could be copied for ever without an entry coming out.
    if (length === 0)
      throw corruptDicom("expected palette segments of at least one entry, received an empty one");
    if (kind === opcode.discrete) {
      for (let index = 0; index < length; index += 1) put(at(offset + 2 + index));
      return offset + 2 + length;
    }
    if (kind === opcode.linear) {
      if (filled === 0)
        throw corruptDicom("expected palette entries before a line from the last one, found none");
      const from = entries[Math.min(filled, count) - 1] as number;
      const to = at(offset + 2);
      for (let index = 1; index <= length; index += 1) put(from + Math.round(((to - from) * index) / length));
      return offset + 3;
    }
    // A copied segment that copies in turn could go on for ever; the standard forbids it.
    if (kind !== opcode.indirect || !mayRefer)
      throw corruptDicom(`expected a palette segment of a kind from 0 to 2, received ${kind}`);
    let source = segmentOffset(codes, offset, at);
    for (let index = 0; index < length && filled < count; index += 1) source = expand(source, false);
    return offset + (codes instanceof Uint8Array ? 6 : 4);
  };

  for (let offset = 0; filled < count && offset + 1 < codes.length; ) offset = expand(offset, true);
  return filled < count ? entries.subarray(0, filled) : entries;
}

/** Offsets are 32 bits from the start of the data, in bytes, low part first. */
function segmentOffset(
  codes: Uint8Array | Uint16Array,
  offset: number,
  at: (offset: number) => number,
): number {
  if (codes instanceof Uint8Array)
    return at(offset + 2) + at(offset + 3) * 2 ** 8 + at(offset + 4) * 2 ** 16 + at(offset + 5) * 2 ** 24;
  return (at(offset + 2) + at(offset + 3) * 2 ** 16) / 2;
}
