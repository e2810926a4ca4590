import { describeValue, type ImageSize, MaskeryError } from "@maskery/core";
import { corruptImage } from "../check-image-bytes.js";
import { coreHeaderBytes, fileHeaderBytes, signedBmpSize } from "../header-size-bmp.js";

/** How the pixels of a BMP are stored, from its file header and its information header. */
export interface BmpHeader extends ImageSize {
  readonly topDown: boolean;
  readonly bitsPerPixel: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  readonly runLength: boolean;
  /** Masks of red, green, blue and alpha in a pixel of 16 or 32 bits; alpha is 0 where there is none. */
  readonly masks: readonly [red: number, green: number, blue: number, alpha: number] | undefined;
  readonly palette: {
    readonly offset: number;
    readonly entries: number;
    readonly bytesPerEntry: 3 | 4;
  };
  /** First byte of the pixels. */
  readonly pixelOffset: number;
}

const smallestLaterHeaderBytes = 16;
/** OS22XBITMAPHEADER; its values of compression above 2 are not those of Windows. */
const os2HeaderBytes = 64;
const infoHeaderBytes = 40;
/** Headers from here on hold the masks of red, green and blue themselves; from the next one on that of alpha too. */
const headerWithMasksBytes = 52;
const headerWithAlphaMaskBytes = 56;

const compressionNames = ["none", "RLE8", "RLE4", "bitfields", "JPEG", "PNG", "bitfields with alpha"];

/**
 * Reads every header in use: OS/2 1.x and 2.x, Windows 3 (INFO), its extensions with masks, version 4 and 5.
 * Layouts: https://learn.microsoft.com/windows/win32/gdi/bitmap-header-types
 * @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`.
 */
export function readBmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readHeader(view);
  } catch (error) {
    if (error instanceof RangeError) throw corruptImage("expected a whole BMP header, found its end", error);
    throw error;
  }
}

function readHeader(view: DataView): BmpHeader {
  const headerBytes = view.getUint32(fileHeaderBytes, true);
  if (
    headerBytes !== coreHeaderBytes &&
    (headerBytes < smallestLaterHeaderBytes || headerBytes > view.byteLength)
  )
    throw corruptImage(`expected a BMP header of a known length, received ${headerBytes} bytes`);
  const isCore = headerBytes === coreHeaderBytes;
  const { width, height } = signedBmpSize(view, headerBytes);
  if (width <= 0 || height === 0)
    throw corruptImage(`expected a BMP of at least one pixel, received ${width} × ${height}`);
  const bitsPerPixel = checkDepth(view.getUint16(fileHeaderBytes + (isCore ? 10 : 14), true));
  /** A field of the header by its offset in it; headers may end early, and what is missing is 0. */
  const field = (offset: number) =>
    offset + 4 <= headerBytes ? view.getUint32(fileHeaderBytes + offset, true) : 0;

  const compression = isCore ? 0 : field(16);
  const runLength = (compression === 1 && bitsPerPixel === 8) || (compression === 2 && bitsPerPixel === 4);
  const hasMasks =
    (compression === 3 || compression === 6) &&
    (bitsPerPixel === 16 || bitsPerPixel === 32) &&
    headerBytes !== os2HeaderBytes;
  if (compression !== 0 && !runLength && !hasMasks) {
    const name = compressionNames[compression] ?? describeValue(compression);
    throw new MaskeryError(
      "UNSUPPORTED_FORMAT",
      `image: expected a BMP without compression, with RLE or with bitfields; received compression ${name} at ${bitsPerPixel} bits a pixel`,
      { field: "image" },
    );
  }
  const topDown = height < 0;
  if (topDown && runLength)
    throw corruptImage("expected a BMP with runs from bottom to top, received top-down");

  const headerEnd = fileHeaderBytes + headerBytes;
  const masksAfterHeader = hasMasks && headerBytes < headerWithMasksBytes ? (compression === 6 ? 16 : 12) : 0;
  const paletteOffset = headerEnd + masksAfterHeader;
  const statedPixelOffset = view.getUint32(10, true);
  const bytesPerEntry = isCore ? 3 : 4;
  const statedEntries = headerBytes >= infoHeaderBytes ? field(32) : 0;
  const usableEntries = bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0;
  // Files of some writers leave the offset at 0: the pixels follow the palette.
  const pixelOffset = statedPixelOffset || paletteOffset + (statedEntries || usableEntries) * bytesPerEntry;
  if (pixelOffset < paletteOffset || pixelOffset >= view.byteLength)
    throw corruptImage(
      `expected the pixels of a BMP between byte ${paletteOffset} and ${view.byteLength}, received ${pixelOffset}`,
    );
  // What the header says about the palette is bounded by what a pixel can name and by where the pixels begin.
  const entries = Math.min(
    statedEntries || usableEntries,
    usableEntries,
    Math.floor((pixelOffset - paletteOffset) / bytesPerEntry),
  );
  if (usableEntries > 0 && entries === 0)
    throw corruptImage(`expected the palette of a BMP with ${bitsPerPixel} bits a pixel, found none`);

  return {
    width,
    height: Math.abs(height),
    topDown,
    bitsPerPixel,
    runLength,
    masks: hasMasks ? readMasks(view, headerBytes, compression, bitsPerPixel) : defaultMasks(bitsPerPixel),
    palette: { offset: paletteOffset, entries, bytesPerEntry },
    pixelOffset,
  };
}

function checkDepth(bits: number): BmpHeader["bitsPerPixel"] {
  switch (bits) {
    case 1:
    case 2:
    case 4:
    case 8:
    case 16:
    case 24:
    case 32:
      return bits;
    default:
      throw new MaskeryError(
        "UNSUPPORTED_FORMAT",
        `image: expected a BMP of 1, 2, 4, 8, 16, 24 or 32 bits a pixel, received ${bits}`,
        { field: "image" },
      );
  }
}

function readMasks(
  view: DataView,
  headerBytes: number,
  compression: number,
  bitsPerPixel: number,
): BmpHeader["masks"] {
  // Inside a longer header and right after the shortest one, they lie at the same place.
  const at = (index: number) => view.getUint32(fileHeaderBytes + infoHeaderBytes + index * 4, true);
  const hasAlpha = compression === 6 || headerBytes >= headerWithAlphaMaskBytes;
  const masks = [at(0), at(1), at(2), hasAlpha ? at(3) : 0] as const;
  for (const mask of masks) {
    const shifted = mask / lowestBit(mask);
    const contiguous = mask === 0 || Number.isInteger(Math.log2(shifted + 1));
    if (!contiguous || mask >= 2 ** bitsPerPixel)
      throw corruptImage(
        `expected masks of one run of bits within ${bitsPerPixel}, received 0x${mask.toString(16)}`,
      );
  }
  if ((masks[0] | masks[1] | masks[2]) === 0) throw corruptImage("expected masks of colours, received zeros");
  return masks;
}

function defaultMasks(bitsPerPixel: number): BmpHeader["masks"] {
  if (bitsPerPixel === 16) return [0x7c00, 0x03e0, 0x001f, 0];
  // The fourth byte is padding unless a mask says otherwise.
  if (bitsPerPixel === 32) return [0xff0000, 0xff00, 0xff, 0];
  return undefined;
}

export function lowestBit(mask: number): number {
  return mask === 0 ? 1 : 2 ** (31 - Math.clz32(mask & -mask));
}
