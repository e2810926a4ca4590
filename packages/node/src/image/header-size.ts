import type { ImageFormat, ImageSize } from "@maskery/core";
import { avifSize } from "./header-size-avif.js";
import { bmpSize } from "./header-size-bmp.js";
import { tiffSize } from "./header-size-tiff.js";

/**
 * Width and height as the first bytes of a file state them, in the file's own orientation. Undefined when
 * they are not there. Limits are checked on these, before any library sees the bytes: so a giant is refused
 * as such, even when the rest of it is missing.
 */
export function headerSize(bytes: Uint8Array, format: ImageFormat): ImageSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readers[format]?.(view);
  } catch (error) {
    // A DataView refuses to read past its end: the header is not complete.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const readers: Readonly<Partial<Record<ImageFormat, (view: DataView) => ImageSize | undefined>>> = {
  png: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  gif: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  jpeg: jpegSize,
  webp: webpSize,
  tiff: tiffSize,
  avif: avifSize,
  bmp: bmpSize,
};

/** Walks the segments up to the first frame header (SOF), which holds the size. */
function jpegSize(view: DataView): ImageSize | undefined {
  for (let offset = 2; ; ) {
    if (view.getUint8(offset) !== 0xff) return undefined;
    const marker = view.getUint8(offset + 1);
    if (marker === 0xff) {
      offset += 1; // fill byte
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7) };
    const isEndOrScan = marker === 0xd9 || marker === 0xda;
    if (isEndOrScan) return undefined;
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    offset += standsAlone ? 2 : 2 + view.getUint16(offset + 2);
  }
}

/** Three kinds: lossy (a VP8 frame), lossless (VP8L), extended (a canvas). */
function webpSize(view: DataView): ImageSize | undefined {
  const kind = String.fromCharCode(
    view.getUint8(12),
    view.getUint8(13),
    view.getUint8(14),
    view.getUint8(15),
  );
  if (kind === "VP8 ") {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind === "VP8X") {
    const uint24 = (offset: number) => view.getUint16(offset, true) + view.getUint8(offset + 2) * 0x10000;
    return { width: uint24(24) + 1, height: uint24(27) + 1 };
  }
  return undefined;
}
