import { describe, expect, it } from "vitest";
import { Mask } from "./mask.js";

const rows = (...lines: string[]): Mask => {
  const bitmap = lines.flatMap((line) => [...line].map((character) => (character === "#" ? 1 : 0)));
  return Mask.fromBitmap(bitmap, lines[0]!.length, lines.length);
};

describe("Mask", () => {
  it("reads and writes row-major bitmaps", () => {
    const mask = rows("..#.", ".##.", "....");
    expect(Array.from(mask.toBitmap())).toEqual([0, 0, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
    expect(mask.area).toBe(3);
    expect(mask.bbox).toEqual({ x: 1, y: 0, width: 2, height: 2 });
    expect(mask.contains(2, 0)).toBe(true);
    expect(mask.contains(1, 0)).toBe(false);
    expect(mask.contains(-1, 0)).toBe(false);
    expect(mask.contains(4, 0)).toBe(false);
  });

  it("takes the full height for a run that crosses columns", () => {
    expect(rows("..#", "##.").bbox).toEqual({ x: 0, y: 0, width: 3, height: 2 });
    expect(rows(".#", "#.").bbox).toEqual({ x: 0, y: 0, width: 2, height: 2 });
  });

  it("measures intersection over union", () => {
    expect(rows("##..").iou(rows(".##."))).toBeCloseTo(1 / 3);
    expect(rows("##..").iou(rows("..##"))).toBe(0);
    expect(Mask.empty(3, 3).iou(Mask.empty(3, 3))).toBe(1);
    expect(Mask.full(3, 3).iou(Mask.empty(3, 3))).toBe(0);
    expect(Mask.full(3, 3).iou(Mask.full(3, 3))).toBe(1);
  });

  it("refuses to compare masks of different sizes", () => {
    expect(() => Mask.empty(3, 3).iou(Mask.empty(3, 4))).toThrow("mask: expected a mask of 3 × 3");
  });

  it("describes empty and full masks", () => {
    expect(Mask.empty(4, 5)).toMatchObject({
      area: 0,
      isEmpty: true,
      bbox: { x: 0, y: 0, width: 0, height: 0 },
    });
    expect(Mask.full(4, 5)).toMatchObject({
      area: 20,
      isEmpty: false,
      bbox: { x: 0, y: 0, width: 4, height: 5 },
    });
  });

  it("refuses sizes and bitmaps that do not fit", () => {
    expect(() => Mask.empty(0, 5)).toThrow("width: expected a positive whole number of pixels, received 0");
    expect(() => Mask.empty(5, 1.5)).toThrow(
      "height: expected a positive whole number of pixels, received 1.5",
    );
    expect(() => Mask.fromBitmap([1, 0], 3, 1)).toThrow("bitmap: expected 3 values (3 × 1), received 2");
  });

  it("says what is missing when a mask without a codec should become a file", async () => {
    await expect(Mask.empty(2, 2).toFile("mask.png")).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "mask",
    });
  });
});
