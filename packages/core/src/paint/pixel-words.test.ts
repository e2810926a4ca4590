import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyAsWords, editAsWords, nearestByte, packWord, turnWords } from "./pixel-words.js";
import { copyToCanvas } from "./pixels.js";
import { randomImage } from "./test-support.js";

describe("pixels as words", () => {
  it("hold red in the lowest byte and alpha in the highest, in a copy and in place", () => {
    const image = randomImage(5, 7, 3, true);
    const words = copyAsWords(image);
    words.forEach((word, pixel) => {
      const [red, green, blue, alpha] = image.data.subarray(pixel * 4, pixel * 4 + 4);
      expect([word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24]).toEqual([
        red,
        green,
        blue,
        alpha,
      ]);
      expect(packWord(red!, green!, blue!, alpha!)).toBe(word);
    });
    const canvas = copyToCanvas(image);
    editAsWords(canvas, (picture) => {
      expect(picture.words).toEqual(words);
      expect(picture.width).toBe(7);
      picture.words[1] = packWord(1, 2, 3, 4);
    });
    expect(Array.from(canvas.data.subarray(0, 12))).toEqual([
      ...image.data.subarray(0, 4),
      ...[1, 2, 3, 4],
      ...image.data.subarray(8, 12),
    ]);
  });

  it("are turned around byte by byte, as machines of the other order need it", () => {
    const bytes = Uint8Array.from({ length: 40 }, (_, index) => 7 * index + 3);
    const words = new Int32Array(bytes.slice().buffer);
    turnWords(words);
    const turned = new Uint8Array(words.buffer);
    bytes.forEach((byte, index) => {
      expect(turned[(index & ~3) + 3 - (index & 3)]).toBe(byte);
    });
    turnWords(words);
    expect(new Uint8Array(words.buffer)).toEqual(bytes);
  });
});

it("rounds to the nearest byte and clamps", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e4, max: 1e4, noNaN: true }), (value) => {
      expect(nearestByte(value)).toBe(Math.min(255, Math.max(0, Math.round(value))) + 0);
    }),
  );
});
