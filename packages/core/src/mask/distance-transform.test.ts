import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryMask, arbitraryMasks, drawMask } from "./arbitrary-mask.test-support.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";

/** Smallest distance from a pixel to any pixel for which `isTarget` holds, looking `beyond` pixels past the picture too. */
function nearest(
  mask: Mask,
  x: number,
  y: number,
  beyond: number,
  isTarget: (x: number, y: number) => boolean,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (let row = -beyond; row < mask.height + beyond; row++)
    for (let column = -beyond; column < mask.width + beyond; column++)
      if (isTarget(column, row)) best = Math.min(best, Math.hypot(column - x, row - y));
  return best;
}

describe("distance transform", () => {
  it.each([
    { side: "inside" as const, pictureEdge: "ignore" as const },
    { side: "inside" as const, pictureEdge: "background" as const },
    { side: "outside" as const, pictureEdge: "ignore" as const },
  ])("equals brute force, $side, picture edge: $pictureEdge", (options) => {
    fc.assert(
      fc.property(arbitraryMask(14), (mask) => {
        const distances = mask.distanceTransform(options);
        const beyond = options.pictureEdge === "background" ? 1 : 0;
        const wanted = options.side === "outside";
        for (let y = 0; y < mask.height; y++)
          for (let x = 0; x < mask.width; x++)
            expect(distances[y * mask.width + x]).toBeCloseTo(
              nearest(mask, x, y, beyond, (column, row) => mask.contains(column, row) === wanted),
              5,
            );
      }),
    );
  });

  it("is exact in a large picture, long thin ones included", () => {
    const centre = drawMask(3000, 2000, (x, y) => !(x === 17 && y === 1999));
    const distances = centre.distanceTransform();
    for (const [x, y] of [
      [0, 0],
      [2999, 0],
      [17, 3],
      [1234, 777],
    ] as const)
      expect(distances[y * 3000 + x]).toBeCloseTo(Math.hypot(x - 17, y - 1999), 3);
    const line = Mask.full(40_000, 1).subtract(Mask.full(40_000, 1).translate(1, 0).invert());
    expect(line.distanceTransform()[39_999]).toBe(39_999);
  });

  it("refuses unknown options", () => {
    expectInvalidInput(() => Mask.full(2, 2).distanceTransform({ side: "both" as never }), "side");
    expectInvalidInput(() => Mask.full(2, 2).distanceTransform({ pictureEdge: 1 as never }), "pictureEdge");
  });
});

describe("boundary F1", () => {
  /** The definition, pixel by pixel. */
  function slowBoundaryF1(first: Mask, second: Mask, tolerance: number): number {
    const boundary = (mask: Mask) => {
      const at = (x: number, y: number) =>
        mask.contains(Math.min(x, mask.width - 1), Math.min(y, mask.height - 1));
      const pixels: [number, number][] = [];
      for (let y = 0; y < mask.height; y++)
        for (let x = 0; x < mask.width; x++)
          if ([at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)].some((value) => value !== at(x, y)))
            pixels.push([x, y]);
      return pixels;
    };
    const a = boundary(first);
    const b = boundary(second);
    if (a.length === 0 || b.length === 0) return a.length === b.length ? 1 : 0;
    const share = (of: [number, number][], to: [number, number][]) =>
      of.filter(([x, y]) => to.some(([u, v]) => Math.hypot(x - u, y - v) <= tolerance)).length / of.length;
    const precision = share(a, b);
    const recall = share(b, a);
    return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  }

  it("equals its definition", () => {
    fc.assert(
      fc.property(
        arbitraryMasks({ min: 2, max: 2 }, 14),
        fc.constantFrom(0, 1, 1.5, 3),
        ([first, second], tolerancePixels) => {
          expect(first!.boundaryF1(second!, { tolerancePixels })).toBeCloseTo(
            slowBoundaryF1(first!, second!, tolerancePixels),
            9,
          );
          expect(first!.boundaryF1(first!)).toBe(1);
        },
      ),
    );
  });

  it("allows 0.008 of the diagonal by default", () => {
    const mask = drawMask(400, 300, (x, y) => x >= 100 && x < 200 && y >= 100 && y < 200);
    expect(mask.boundaryF1(mask.translate(4, 0))).toBe(1);
    expect(mask.boundaryF1(mask.translate(5, 0))).toBeLessThan(1);
  });

  it("refuses a bad tolerance", () => {
    expectInvalidInput(
      () => Mask.full(2, 2).boundaryF1(Mask.full(2, 2), { tolerancePixels: -1 }),
      "tolerancePixels",
    );
    expectInvalidInput(
      () => Mask.full(2, 2).boundaryF1(Mask.full(2, 2), { tolerancePixels: Number.NaN }),
      "tolerancePixels",
    );
  });
});

describe("boundary IoU", () => {
  it("compares the bands that repeated 3 × 3 erosion leaves", () => {
    const band = (mask: Mask) => {
      const thickness = Math.max(1, Math.round(0.02 * Math.hypot(mask.width, mask.height)));
      return drawMask(mask.width, mask.height, (x, y) => {
        if (!mask.contains(x, y)) return false;
        for (let dy = -thickness; dy <= thickness; dy++)
          for (let dx = -thickness; dx <= thickness; dx++) if (!mask.contains(x + dx, y + dy)) return true;
        return false;
      });
    };
    fc.assert(
      fc.property(arbitraryMasks({ min: 2, max: 2 }, 90), ([first, second]) => {
        expect(first!.boundaryIou(second!)).toBeCloseTo(band(first!).iou(band(second!)), 12);
      }),
      { numRuns: 60 },
    );
  });
});
