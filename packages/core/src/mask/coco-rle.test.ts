import { describe, expect, it } from "vitest";
import { MaskeryError } from "../errors.js";
import { compressRuns, decompressCounts } from "./coco-rle.js";
import { Mask } from "./mask.js";

// Strings written by pycocotools 2.0.11.
const vectors: readonly { name: string; size: readonly [number, number]; counts: number[]; text: string }[] =
  [
    { name: "3×4 zeros", size: [3, 4], counts: [12], text: "<" },
    { name: "3×4 ones", size: [3, 4], counts: [0, 12], text: "0<" },
    { name: "1×1 one", size: [1, 1], counts: [0, 1], text: "01" },
    { name: "4×5 block", size: [4, 5], counts: [5, 2, 2, 2, 2, 2, 5], text: "5220003" },
    { name: "5×5 identity", size: [5, 5], counts: [0, 1, 5, 1, 5, 1, 5, 1, 5, 1], text: "0150000000" },
  ];

const values: readonly [number, string][] = [
  [0, "0"],
  [1, "1"],
  [15, "?"],
  [16, "`0"],
  [31, "o0"],
  [32, "P1"],
  [500, "d?"],
  [1000, "Xo0"],
  [307200, "PP\\9"],
  [2 ** 29 - 1, "ooooo?"],
];

describe("COCO run lengths", () => {
  it.each(vectors)("$name as pycocotools writes it", ({ size, counts, text }) => {
    const mask = Mask.fromRle({ size, counts });
    expect(mask.toCocoRle()).toEqual({ size, counts: text });
    expect(mask.toRle()).toEqual({ size, counts });
    expect(Array.from(Mask.fromRle({ size, counts: text }).runs)).toEqual(counts);
  });

  it.each(values)("writes %d as %s", (value, text) => {
    expect(compressRuns(Uint32Array.of(value))).toBe(text);
    expect(decompressCounts(text)).toEqual([value]);
  });

  it("writes falling lengths as negative differences", () => {
    // Index 3 holds 1 - 2 = -1, index 4 holds 4 - 20 = -16, index 5 holds 1 - 1 = 0.
    expect(compressRuns(Uint32Array.of(3, 2, 20, 1, 4, 1))).toBe("32d0O@0");
    expect(decompressCounts("32d0O@0")).toEqual([3, 2, 20, 1, 4, 1]);
  });

  it("writes a rectangle in 480×640 as pycocotools does", () => {
    const bitmap = new Uint8Array(480 * 640);
    for (let y = 100; y < 300; y++) bitmap.fill(1, y * 640 + 200, y * 640 + 500);
    const mask = Mask.fromBitmap(bitmap, 640, 480);
    const { counts } = mask.toCocoRle();
    expect(counts.startsWith("Tkm2X6h8")).toBe(true);
    expect(counts).toHaveLength(609);
    expect(mask.runs).toHaveLength(601);
    expect(mask.area).toBe(60_000);
    expect(mask.bbox).toEqual({ x: 200, y: 100, width: 300, height: 200 });
    expect(mask.iou(Mask.fromRle(mask.toCocoRle()))).toBe(1);
  });

  it("carries lengths beyond 32-bit shifts", () => {
    const runs = Uint32Array.of(2 ** 31, 5, 2 ** 31 - 100, 9);
    expect(decompressCounts(compressRuns(runs))).toEqual(Array.from(runs));
  });

  it("brings zero lengths to normal form", () => {
    const mask = Mask.fromRle({ size: [2, 3], counts: [1, 0, 1, 2, 0, 1, 1] });
    expect(Array.from(mask.runs)).toEqual([2, 3, 1]);
  });

  it.each([
    ["a character outside the alphabet", { size: [2, 2], counts: "\u007f" }, "rle.counts"],
    ["a string that stops inside a value", { size: [2, 2], counts: "P" }, "rle.counts"],
    ["a sum that is not the size", { size: [2, 2], counts: [3] }, "rle.counts"],
    ["a negative length", { size: [2, 2], counts: [5, -1] }, "rle.counts[1]"],
    ["a fraction", { size: [2, 2], counts: [3.5, 0.5] }, "rle.counts[0]"],
    ["no size", { counts: [4] }, "rle.size"],
    ["a size of zero", { size: [0, 2], counts: [] }, "rle.size[0]"],
    ["no counts", { size: [2, 2] }, "rle.counts"],
  ])("refuses %s", (_name, rle, field) => {
    const error = catchError(() => Mask.fromRle(rle as never));
    expect(MaskeryError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "INVALID_INPUT", field });
  });
});

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
