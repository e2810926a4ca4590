import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryMask, drawBitmap, drawMask } from "./arbitrary-mask.test-support.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";

const offset = fc.integer({ min: -30, max: 30 });

function expectPixels(
  mask: Mask,
  width: number,
  height: number,
  isSet: (x: number, y: number) => boolean,
): void {
  expect([mask.width, mask.height]).toEqual([width, height]);
  expect(mask.toBitmap()).toEqual(drawBitmap(width, height, isSet).pixels);
  expect(mask.runs).toEqual(Mask.fromBitmap(mask.toBitmap(), width, height).runs);
}

describe("translate and crop", () => {
  it("move pixels and lose what leaves", () => {
    fc.assert(
      fc.property(arbitraryMask(), offset, offset, (mask, dx, dy) => {
        expectPixels(mask.translate(dx, dy), mask.width, mask.height, (x, y) =>
          mask.contains(x - dx, y - dy),
        );
      }),
    );
  });

  it("cut out boxes, beyond the picture too", () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(arbitraryMask(), offset, offset, side, side, (mask, x0, y0, width, height) => {
        const cropped = mask.crop({ x: x0, y: y0, width, height });
        expectPixels(cropped, width, height, (x, y) => mask.contains(x + x0, y + y0));
      }),
    );
  });
});

describe("flip and rotate90", () => {
  it("follow their definitions", () => {
    fc.assert(
      fc.property(arbitraryMask(), (mask) => {
        const { width, height } = mask;
        expectPixels(mask.flip("horizontal"), width, height, (x, y) => mask.contains(width - 1 - x, y));
        expectPixels(mask.flip("vertical"), width, height, (x, y) => mask.contains(x, height - 1 - y));
        // Clockwise: the left column becomes the top row.
        expectPixels(mask.rotate90(), height, width, (x, y) => mask.contains(y, height - 1 - x));
        expectPixels(mask.rotate90(2), width, height, (x, y) => mask.contains(width - 1 - x, height - 1 - y));
        expectPixels(mask.rotate90(-1), height, width, (x, y) => mask.contains(width - 1 - y, x));
      }),
    );
  });

  it("undo themselves", () => {
    fc.assert(
      fc.property(arbitraryMask(), fc.integer({ min: -9, max: 9 }), (mask, turns) => {
        expect(mask.flip("horizontal").flip("horizontal").runs).toEqual(mask.runs);
        expect(mask.flip("vertical").flip("vertical").runs).toEqual(mask.runs);
        expect(mask.rotate90(turns).rotate90(-turns).runs).toEqual(mask.runs);
      }),
    );
  });
});

describe("resize", () => {
  it("keeps pixels that are at least half covered", () => {
    const side = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(arbitraryMask(16), side, side, (mask, width, height) => {
        const covered = (X: number, Y: number) => {
          let area = 0;
          for (let x = 0; x < mask.width; x++) {
            const across =
              Math.min((X + 1) * mask.width, (x + 1) * width) - Math.max(X * mask.width, x * width);
            if (across <= 0) continue;
            for (let y = 0; y < mask.height; y++) {
              const down =
                Math.min((Y + 1) * mask.height, (y + 1) * height) - Math.max(Y * mask.height, y * height);
              if (down > 0 && mask.contains(x, y)) area += across * down;
            }
          }
          return 2 * area >= mask.width * mask.height;
        };
        expectPixels(mask.resize(width, height), width, height, covered);
      }),
    );
  });

  it("shrinking undoes enlarging by whole factors", () => {
    const factor = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(arbitraryMask(), factor, factor, (mask, across, down) => {
        const enlarged = mask.resize(mask.width * across, mask.height * down);
        expect(enlarged.area).toBe(mask.area * across * down);
        expect(enlarged.resize(mask.width, mask.height).runs).toEqual(mask.runs);
      }),
    );
  });

  it("handles 4096 × 4096", () => {
    const mask = drawMask(4096, 4096, (x, y) => (x - 2048) ** 2 + (y - 2048) ** 2 < 1500 ** 2);
    const half = mask.resize(1024, 1024);
    expect(half.area / half.width / half.height).toBeCloseTo(mask.area / mask.width / mask.height, 3);
  });
});

it("refuses what is no whole number of pixels", () => {
  const mask = Mask.full(4, 3);
  expectInvalidInput(() => mask.translate(0.5, 0), "columns");
  expectInvalidInput(() => mask.translate(0, Number.NaN), "rows");
  expectInvalidInput(() => mask.crop({ x: 0, y: 0, width: 0, height: 1 }), "box.width");
  expectInvalidInput(() => mask.crop({ x: 0.5, y: 0, width: 1, height: 1 }), "box.x");
  expectInvalidInput(() => mask.resize(0, 4), "width");
  expectInvalidInput(() => mask.flip("diagonal" as never), "axis");
  expectInvalidInput(() => mask.rotate90(0.5), "turns");
});
