import { describe, expect, it } from "vitest";
import { fromFloat16Bits, MAX_FLOAT16, toFloat16Bits } from "./float16.js";

const round = (value: number) => fromFloat16Bits(toFloat16Bits(Float32Array.of(value)))[0]!;

describe("half precision", () => {
  it("keeps every half-precision value, bit for bit", () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const finite = all.filter((bits) => (bits & 0x7c00) !== 0x7c00);
    expect(Array.from(toFloat16Bits(fromFloat16Bits(finite)))).toEqual(Array.from(finite));
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [0.333251953125, 0x3555],
    [2 ** -24, 0x0001],
    [MAX_FLOAT16, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [0, 0],
    [-0, 0x8000],
    [2 ** -25, 0], // a tie between 0 and the smallest subnormal goes to even
    [2 ** -25 * 1.01, 1],
  ])("writes %d as %d", (value, bits) => {
    expect(toFloat16Bits(Float32Array.of(value))[0]).toBe(bits);
  });

  it("rounds to the nearest neighbour, ties to even", () => {
    for (let step = 0; step < 5000; step++) {
      const value = Math.fround(Math.sin(step * 12.9898) * 10 ** ((step % 9) - 6));
      const rounded = round(value);
      const spacing = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10));
      expect(Math.abs(rounded - value)).toBeLessThanOrEqual(spacing / 2);
    }
    expect(round(1 + 1 / 2048)).toBe(1);
    expect(round(1 + 3 / 2048)).toBe(1 + 2 / 1024);
  });

  it("keeps NaN", () => {
    expect(round(Number.NaN)).toBeNaN();
  });
});
