import { setImmediate as nextTurn } from "node:timers/promises";
import { type RgbaImage, throwIfAborted } from "@maskery/core";
import { checkPixelCount, corruptImage } from "../check-image-bytes.js";
import { type BmpHeader, lowestBit, readBmpHeader } from "./bmp-header.js";
import { unpackBmpRuns } from "./bmp-runs.js";

/** Between turns of the event loop: about ten milliseconds of work. */
const pixelsPerTurn = 2_000_000;

/** Writes one row: `source` is where it begins in the file (or in the unpacked runs), `target` in `data`. */
type RowReader = (data: Uint8Array, target: number, source: number) => void;

/**
 * Decodes a Windows or OS/2 bitmap to RGBA: 1, 2, 4, 8, 16, 24 and 32 bits, palettes, RLE, bitfields. Written here,
 * because sharp does not read BMP and no package on npm passes the public test suite. Alpha counts only where a mask
 * names it, and not when it is 0 everywhere: then nobody filled it.
 * @throws MaskeryError `CORRUPT_IMAGE`, `UNSUPPORTED_FORMAT`, `IMAGE_TOO_LARGE`, `ABORTED`.
 */
export async function decodeBmp(
  bytes: Uint8Array,
  maxPixels: number,
  signal?: AbortSignal,
): Promise<RgbaImage> {
  const header = readBmpHeader(bytes);
  checkPixelCount(header, maxPixels);
  const { width, height, bitsPerPixel, topDown } = header;
  const rowBytes = header.runLength ? width : Math.ceil((width * bitsPerPixel) / 32) * 4;
  if (!header.runLength) checkLength(bytes, header, rowBytes);

  const source = header.runLength ? unpackBmpRuns(bytes, header) : bytes;
  const firstRow = header.runLength ? 0 : header.pixelOffset;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const readRow = rowReader(source, view, header);
  const data = new Uint8Array(width * height * 4);
  const rowsPerTurn = Math.max(1, Math.floor(pixelsPerTurn / width));
  for (let row = 0; row < height; row += 1) {
    const y = topDown ? row : height - 1 - row;
    readRow(data, y * width * 4, firstRow + row * rowBytes);
    if (row % rowsPerTurn === rowsPerTurn - 1) {
      await nextTurn();
      throwIfAborted(signal);
    }
  }
  if (header.masks && header.masks[3] !== 0) makeOpaqueIfEmpty(data);
  return { width, height, data };
}

/** Before anything is allocated: a header may promise any size. The padding of the last row may be missing. */
function checkLength(bytes: Uint8Array, header: BmpHeader, rowBytes: number): void {
  const { width, height, bitsPerPixel, pixelOffset } = header;
  const needed = rowBytes * (height - 1) + Math.ceil((width * bitsPerPixel) / 8);
  const found = bytes.length - pixelOffset;
  if (found < needed)
    throw corruptImage(`expected ${needed} bytes of pixels (${width} × ${height}), found ${found}`);
}

function rowReader(source: Uint8Array, view: DataView, header: BmpHeader): RowReader {
  if (header.bitsPerPixel <= 8) return paletteReader(source, view, header);
  if (header.bitsPerPixel === 24) return plainReader(source, header.width);
  return maskReader(view, header);
}

function paletteReader(source: Uint8Array, view: DataView, header: BmpHeader): RowReader {
  const { width, palette } = header;
  // Indices beyond the palette are black.
  const colours = new Uint8Array(256 * 3);
  for (let entry = 0; entry < palette.entries; entry += 1) {
    for (let channel = 0; channel < 3; channel += 1)
      colours[entry * 3 + channel] = view.getUint8(
        palette.offset + entry * palette.bytesPerEntry + (2 - channel),
      );
  }
  // Runs are unpacked to a byte a pixel already.
  const bits = header.runLength ? 8 : header.bitsPerPixel;
  const perByte = 8 / bits;
  const lowBits = (1 << bits) - 1;
  return (data, target, start) => {
    for (let x = 0; x < width; x += 1) {
      const byte = source[start + Math.floor(x / perByte)] as number;
      const index = (byte >> (8 - bits - (x % perByte) * bits)) & lowBits;
      const to = target + x * 4;
      data[to] = colours[index * 3] as number;
      data[to + 1] = colours[index * 3 + 1] as number;
      data[to + 2] = colours[index * 3 + 2] as number;
      data[to + 3] = 255;
    }
  };
}

function plainReader(source: Uint8Array, width: number): RowReader {
  return (data, target, start) => {
    for (let x = 0; x < width; x += 1) {
      const from = start + x * 3;
      const to = target + x * 4;
      data[to] = source[from + 2] as number;
      data[to + 1] = source[from + 1] as number;
      data[to + 2] = source[from] as number;
      data[to + 3] = 255;
    }
  };
}

function maskReader(view: DataView, { width, bitsPerPixel, masks }: BmpHeader): RowReader {
  const [red, green, blue, alpha] = (masks ?? [0, 0, 0, 0]).map(channelReader) as [
    Channel,
    Channel,
    Channel,
    Channel,
  ];
  const opaque = !masks || masks[3] === 0;
  const wide = bitsPerPixel === 32;
  return (data, target, start) => {
    for (let x = 0; x < width; x += 1) {
      const pixel = wide ? view.getUint32(start + x * 4, true) : view.getUint16(start + x * 2, true);
      const to = target + x * 4;
      data[to] = red(pixel);
      data[to + 1] = green(pixel);
      data[to + 2] = blue(pixel);
      data[to + 3] = opaque ? 255 : alpha(pixel);
    }
  };
}

type Channel = (pixel: number) => number;

/** The bits under a mask, scaled so that all ones are 255. */
function channelReader(mask: number): Channel {
  if (mask === 0) return () => 0;
  const shift = Math.log2(lowestBit(mask));
  const highest = mask >>> shift;
  if (highest === 255) return (pixel) => (pixel >>> shift) & 255;
  return (pixel) => Math.round((((pixel & mask) >>> shift) * 255) / highest);
}

function makeOpaqueIfEmpty(data: Uint8Array): void {
  for (let index = 3; index < data.length; index += 4) if (data[index] !== 0) return;
  for (let index = 3; index < data.length; index += 4) data[index] = 255;
}
