import type { RgbaImage } from "../image/rgba-image.js";
import type { Canvas } from "./pixels.js";

/**
 * A pixel as one 32-bit word, `red | green << 8 | blue << 16 | alpha << 24`: the hot loops read and write four bytes at
 * once, which takes half the time of four clamped bytes. On machines whose words begin at the low end, which is nearly
 * all of them, this is how RGBA bytes lie in memory; on others they are turned around before and after.
 */
const bytesLieAsWords = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** A picture's pixels as words, row by row. */
export interface PictureWords {
  readonly words: Int32Array;
  readonly width: number;
}

/** Lets `work` change a canvas's pixels as words. */
export function editAsWords({ data, width }: Canvas, work: (picture: PictureWords) => void): void {
  const words = new Int32Array(data.buffer, data.byteOffset, data.length / 4);
  if (!bytesLieAsWords) turnWords(words);
  work({ words, width });
  if (!bytesLieAsWords) turnWords(words);
}

/** The pixels of a picture as words: a copy. */
export function copyAsWords({ data }: RgbaImage): Int32Array {
  const words = new Int32Array(data.length / 4);
  new Uint8Array(words.buffer).set(data);
  if (!bytesLieAsWords) turnWords(words);
  return words;
}

/** The four bytes of each word in the opposite order. */
export function turnWords(words: Int32Array): void {
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    words[index] = (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
  }
}

/** The word of a colour whose channels are whole numbers 0..255. */
export function packWord(red: number, green: number, blue: number, alpha: number): number {
  return red | (green << 8) | (blue << 16) | (alpha << 24);
}

/** The nearest whole number 0..255. */
export function nearestByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}
