import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";
import { type GrayImage, invalidInput } from "@maskery/core";

const deflateAsync = promisify(deflate);

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const grayscaleColourType = 0;
/** No filter: neighbouring rows of a mask are alike already as bytes, and prediction only disturbs them. */
const filterNone = 0;

/**
 * Writes a PNG of one bit a pixel, grayscale. sharp can only write such depths through a palette, and a mask
 * is gray.
 * @throws MaskeryError `INVALID_INPUT` when a value is neither 0 nor 255.
 */
export async function encodeOneBitPng(image: GrayImage): Promise<Uint8Array> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, image.width);
  view.setUint32(4, image.height);
  header[8] = 1;
  header[9] = grayscaleColourType;
  const parts = [
    signature,
    ...chunk("IHDR", header),
    ...chunk("IDAT", await deflateAsync(packRows(image))),
    ...chunk("IEND", new Uint8Array(0)),
  ];
  const png = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    png.set(part, offset);
    offset += part.length;
  }
  return png;
}

/** Rows of bits, leftmost pixel in the highest bit, each row after a byte that names its filter. */
function packRows({ width, height, gray }: GrayImage): Uint8Array {
  const rowBytes = Math.ceil(width / 8);
  const rows = new Uint8Array((rowBytes + 1) * height);
  let strayBits = 0;
  for (let y = 0, pixel = 0; y < height; y += 1) {
    const rowStart = y * (rowBytes + 1);
    rows[rowStart] = filterNone;
    for (let x = 0, packed = 0; x < width; x += 1, pixel += 1) {
      const value = gray[pixel] as number;
      // 0 and 255 are all bits equal to the lowest: anything else leaves bits here.
      strayBits |= value ^ (value & 1 ? 0xff : 0);
      packed = (packed << 1) | (value & 1);
      const lastOfByte = (x & 7) === 7;
      if (lastOfByte || x === width - 1) {
        rows[rowStart + 1 + (x >> 3)] = lastOfByte ? packed : packed << (7 - (x & 7));
        packed = 0;
      }
    }
  }
  if (strayBits !== 0) {
    const index = gray.findIndex((value) => value !== 0 && value !== 255);
    throw invalidInput(`image.gray[${index}]`, "0 or 255 for a bit depth of 1", gray[index]);
  }
  return rows;
}

function chunk(type: string, data: Uint8Array): Uint8Array[] {
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, data.length);
  for (let index = 0; index < 4; index += 1) head[4 + index] = type.charCodeAt(index);
  const check = new Uint8Array(4);
  new DataView(check.buffer).setUint32(0, crc32(data, crc32(head.subarray(4))));
  return [head, data, check];
}
