import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  arbitraryMask,
  arbitraryMasks,
  bitmapOf,
  discMask,
  drawBitmap,
} from "./arbitrary-mask.test-support.js";
import { bitmapFromRuns, runsFromBitmap } from "./bitmap.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";
import type { MaskOperation } from "./run-algebra.js";
import { transposeRuns } from "./transpose-runs.js";

const pair = arbitraryMasks({ min: 2, max: 2 });

/** Normal form: only the first length may be 0, and the lengths fill the picture. */
function expectNormalForm(mask: Mask): void {
  expect(mask.runs.slice(1).includes(0)).toBe(false);
  expect(mask.runs.reduce((sum, length) => sum + length, 0)).toBe(mask.width * mask.height);
}

function expectPixels(mask: Mask, expected: { width: number; height: number; pixels: Uint8Array }): void {
  expectNormalForm(mask);
  expect([mask.width, mask.height]).toEqual([expected.width, expected.height]);
  expect(mask.toBitmap()).toEqual(expected.pixels);
}

describe("bitmaps and runs", () => {
  it("turn into each other as the pixel-by-pixel definition says", () => {
    fc.assert(
      fc.property(arbitraryMask(40), fc.integer({ min: 1, max: 255 }), (mask, value) => {
        const slow = drawBitmap(mask.width, mask.height, (x, y) => mask.contains(x, y)).pixels;
        expect(mask.toBitmap()).toEqual(slow);
        const bytes = bitmapFromRuns(mask.runs, mask.width, mask.height, value);
        expect(runsFromBitmap(bytes, mask.width, mask.height, value)).toEqual(mask.runs);
        expect(runsFromBitmap(Array.from(bytes), mask.width, mask.height)).toEqual(mask.runs);
        // A view that does not begin at a multiple of four bytes.
        const shifted = new Uint8Array(bytes.length + 1);
        shifted.set(bytes, 1);
        expect(runsFromBitmap(shifted.subarray(1), mask.width, mask.height)).toEqual(mask.runs);
      }),
    );
  });

  it("read bytes of many values by their threshold", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.uint8Array({ minLength: 20, maxLength: 400 }),
        fc.nat(255),
        (width, bytes, threshold) => {
          const height = Math.floor(bytes.length / width);
          const used = bytes.slice(0, width * height);
          const runs = runsFromBitmap(used, width, height, threshold);
          expect(bitmapFromRuns(runs, width, height, 1)).toEqual(
            used.map((byte) => (byte >= threshold ? 1 : 0)),
          );
        },
      ),
    );
  });

  it("transpose and back", () => {
    fc.assert(
      fc.property(arbitraryMask(), (mask) => {
        const once = transposeRuns(mask.runs, mask.width, mask.height);
        expectPixels(
          new Mask(mask.height, mask.width, once),
          drawBitmap(mask.height, mask.width, (x, y) => mask.contains(y, x)),
        );
        expect(transposeRuns(once, mask.height, mask.width)).toEqual(mask.runs);
      }),
    );
  });
});

describe("set algebra", () => {
  const oracle: Record<MaskOperation, (first: boolean, second: boolean) => boolean> = {
    union: (first, second) => first || second,
    intersect: (first, second) => first && second,
    subtract: (first, second) => first && !second,
    xor: (first, second) => first !== second,
  };

  it.each(Object.keys(oracle) as MaskOperation[])("%s of two masks", (operation) => {
    fc.assert(
      fc.property(pair, ([first, second]) => {
        const expected = drawBitmap(first!.width, first!.height, (x, y) =>
          oracle[operation](first!.contains(x, y), second!.contains(x, y)),
        );
        expectPixels(first![operation](second!), expected);
      }),
    );
  });

  it.each(Object.keys(oracle) as MaskOperation[])("%s of many masks folds from the left", (operation) => {
    fc.assert(
      fc.property(arbitraryMasks({ min: 1, max: 9 }), (masks) => {
        const expected = masks.slice(1).reduce((result, mask) => result[operation](mask), masks[0]!);
        expectPixels(Mask.combine(masks, operation), bitmapOf(expected));
      }),
    );
  });

  it("invert and the laws of sets", () => {
    fc.assert(
      fc.property(arbitraryMasks({ min: 3, max: 3 }), ([a, b, c]) => {
        expectPixels(
          a!.invert(),
          drawBitmap(a!.width, a!.height, (x, y) => !a!.contains(x, y)),
        );
        expect(a!.invert().invert().runs).toEqual(a!.runs);
        expect(a!.union(b!).invert().runs).toEqual(a!.invert().intersect(b!.invert()).runs);
        expect(a!.intersect(b!.union(c!)).runs).toEqual(a!.intersect(b!).union(a!.intersect(c!)).runs);
        expect(a!.subtract(b!).runs).toEqual(a!.intersect(b!.invert()).runs);
        expect(a!.xor(b!).xor(b!).runs).toEqual(a!.runs);
        expect(a!.area + b!.area).toBe(a!.union(b!).area + a!.intersect(b!).area);
        expect(a!.iou(b!)).toBe(a!.union(b!).isEmpty ? 1 : a!.intersect(b!).area / a!.union(b!).area);
      }),
    );
  });

  it("drops what described the old pixels", () => {
    const logits = { data: new Float32Array(4), width: 2, height: 2, scaleX: 0.5, scaleY: 0.5 };
    const mask = Mask.full(4, 4, { score: 0.9, logits });
    expect(mask.union(Mask.empty(4, 4))).toMatchObject({ score: undefined, logits: undefined });
  });

  it("refuses masks of different sizes, nothing, and unknown operations", () => {
    const mask = Mask.full(4, 3);
    for (const operation of [
      "union",
      "intersect",
      "subtract",
      "xor",
      "iou",
      "boundaryF1",
      "boundaryIou",
    ] as const) {
      expectInvalidInput(() => mask[operation](Mask.full(3, 4)), "mask");
      expectInvalidInput(() => mask[operation](undefined as never), "mask");
    }
    expectInvalidInput(() => Mask.merge([]), "masks");
    expectInvalidInput(() => Mask.merge([mask, mask, Mask.full(4, 4)]), "masks[2]");
    expectInvalidInput(() => Mask.combine([mask], "and" as never), "operation");
  });
});

describe("measures", () => {
  it("area, box and centroid", () => {
    fc.assert(
      fc.property(arbitraryMask(), (mask) => {
        const columns: number[] = [];
        const rows: number[] = [];
        for (let y = 0; y < mask.height; y++)
          for (let x = 0; x < mask.width; x++)
            if (mask.contains(x, y)) {
              columns.push(x);
              rows.push(y);
            }
        expect(mask.area).toBe(columns.length);
        if (columns.length === 0) {
          expect(mask.centroid).toBeUndefined();
          expect(mask.bbox).toEqual({ x: 0, y: 0, width: 0, height: 0 });
          return;
        }
        const x = Math.min(...columns);
        const y = Math.min(...rows);
        expect(mask.bbox).toEqual({
          x,
          y,
          width: Math.max(...columns) - x + 1,
          height: Math.max(...rows) - y + 1,
        });
        expect(mask.centroid!.x).toBeCloseTo(
          columns.reduce((sum, value) => sum + value, 0) / columns.length,
          9,
        );
        expect(mask.centroid!.y).toBeCloseTo(rows.reduce((sum, value) => sum + value, 0) / rows.length, 9);
      }),
    );
  });
});

describe("large masks", () => {
  const size = 4096;
  it("keep the laws at 4096 × 4096", () => {
    const first = discMask(size, size, 1500, 1500, 1400);
    const second = discMask(size, size, 2500, 2500, 1500);
    expect(first.union(second).area).toBe(first.area + second.area - first.intersect(second).area);
    expect(Mask.fromBitmap(first.toBitmap(), size, size).runs).toEqual(first.runs);
    expect(Mask.full(size, size).subtract(first).runs).toEqual(first.invert().runs);
    expect(first.rotate90().rotate90(-1).runs).toEqual(first.runs);
    expect(
      Mask.merge(Array.from({ length: 50 }, (_, index) => first.translate(index * 7, 0))).bbox.width,
    ).toBe(first.bbox.width + 49 * 7);
  });
});
