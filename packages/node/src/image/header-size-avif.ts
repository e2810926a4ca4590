import type { ImageSize } from "@maskery/core";

interface Box {
  readonly type: string;
  /** First byte of its content. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the size of the largest item: an AVIF file is a tree of boxes, and each `ispe` inside `meta / iprp /
 * ipco` gives the size of one item (the picture, its alpha plane, a thumbnail, a tile).
 */
export function avifSize(view: DataView): ImageSize | undefined {
  const meta = findBox(view, "meta", 0, view.byteLength);
  // `meta` and `ispe` begin with four bytes of version and flags.
  const properties = meta && findBox(view, "iprp", meta.start + 4, meta.end);
  const container = properties && findBox(view, "ipco", properties.start, properties.end);
  if (!container) return undefined;
  let largest: ImageSize | undefined;
  for (const box of boxes(view, container.start, container.end)) {
    if (box.type !== "ispe") continue;
    const size = { width: view.getUint32(box.start + 4), height: view.getUint32(box.start + 8) };
    if (!largest || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest;
}

function findBox(view: DataView, type: string, start: number, end: number): Box | undefined {
  for (const box of boxes(view, start, end)) if (box.type === type) return box;
  return undefined;
}

function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  for (let offset = start; offset + 8 <= end; ) {
    const shortLength = view.getUint32(offset);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((index) => view.getUint8(offset + index)));
    const headerBytes = shortLength === 1 ? 16 : 8;
    // Zero: up to the end. One: the length follows as 64 bits.
    const length =
      shortLength === 0
        ? end - offset
        : shortLength === 1
          ? Number(view.getBigUint64(offset + 8))
          : shortLength;
    if (length < headerBytes) return;
    yield { type, start: offset + headerBytes, end: Math.min(end, offset + length) };
    offset += length;
  }
}
