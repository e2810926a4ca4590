import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryMask, drawMask } from "../arbitrary-mask.test-support.js";
import type { Mask } from "../mask.js";

const radii = fc.oneof(fc.constantFrom(0, 0.5, 1, 1.5, 2, 3), fc.double({ min: 0, max: 6, noNaN: true }));

/** For each pixel the share of foreground among the pixels of the picture within `radius`. */
function discShares(
  mask: Mask,
  radius: number,
): (x: number, y: number) => { covered: number; pixels: number } {
  return (x, y) => {
    let covered = 0;
    let pixels = 0;
    for (let dy = -Math.floor(radius); dy <= radius; dy++)
      for (let dx = -Math.floor(radius); dx <= radius; dx++) {
        const column = x + dx;
        const row = y + dy;
        if (
          dx * dx + dy * dy > radius * radius ||
          column < 0 ||
          row < 0 ||
          column >= mask.width ||
          row >= mask.height
        )
          continue;
        pixels++;
        if (mask.contains(column, row)) covered++;
      }
    return { covered, pixels };
  };
}

function dilateSlowly(mask: Mask, radius: number): Mask {
  const share = discShares(mask, radius);
  return drawMask(mask.width, mask.height, (x, y) => share(x, y).covered > 0);
}

function erodeSlowly(mask: Mask, radius: number): Mask {
  const share = discShares(mask, radius);
  return drawMask(mask.width, mask.height, (x, y) => share(x, y).covered === share(x, y).pixels);
}

describe("grow, shrink, open, close", () => {
  it("are morphology by exact discs within the picture", () => {
    fc.assert(
      fc.property(arbitraryMask(16), radii, (mask, radius) => {
        expect(mask.refine({ grow: radius }).runs).toEqual(dilateSlowly(mask, radius).runs);
        expect(mask.refine({ shrink: radius }).runs).toEqual(erodeSlowly(mask, radius).runs);
        expect(mask.refine({ open: radius }).runs).toEqual(
          dilateSlowly(erodeSlowly(mask, radius), radius).runs,
        );
        expect(mask.refine({ close: radius }).runs).toEqual(
          erodeSlowly(dilateSlowly(mask, radius), radius).runs,
        );
      }),
    );
  });

  it("keep the laws of morphology", () => {
    fc.assert(
      fc.property(arbitraryMask(40), radii, (mask, radius) => {
        const opened = mask.refine({ open: radius });
        const closed = mask.refine({ close: radius });
        expect(opened.subtract(mask).isEmpty).toBe(true);
        expect(mask.subtract(closed).isEmpty).toBe(true);
        expect(opened.refine({ open: radius }).runs).toEqual(opened.runs);
        expect(closed.refine({ close: radius }).runs).toEqual(closed.runs);
        expect(mask.refine({ grow: radius }).runs).toEqual(
          mask.invert().refine({ shrink: radius }).invert().runs,
        );
      }),
    );
  });

  it("handle a large picture", () => {
    const disc = drawMask(4096, 2048, (x, y) => Math.hypot(x - 2000, y - 1000) <= 500);
    const grown = disc.refine({ grow: 30 });
    expect(grown.bbox).toEqual({ x: 1470, y: 470, width: 1061, height: 1061 });
    expect(grown.refine({ shrink: 30 }).iou(disc)).toBeGreaterThan(0.999);
  });
});

describe("smooth", () => {
  it("gives each pixel to the majority of its disc", () => {
    fc.assert(
      fc.property(arbitraryMask(16), radii, (mask, radius) => {
        const share = discShares(mask, radius);
        const expected = drawMask(mask.width, mask.height, (x, y) => {
          const { covered, pixels } = share(x, y);
          return 2 * covered === pixels ? mask.contains(x, y) : 2 * covered > pixels;
        });
        expect(mask.refine({ smooth: radius }).runs).toEqual(expected.runs);
      }),
    );
  });

  it("leaves straight borders alone and takes teeth off", () => {
    const half = drawMask(40, 40, (x) => x < 20);
    expect(half.refine({ smooth: 5 }).runs).toEqual(half.runs);
    const teeth = drawMask(40, 40, (x, y) => x < 20 + (y % 2) * 2);
    const widths = new Set(
      Array.from(
        { length: 30 },
        (_, y) => teeth.refine({ smooth: 4 }).crop({ x: 0, y: y + 5, width: 40, height: 1 }).area,
      ),
    );
    expect(widths.size).toBe(1);
  });
});

describe("fillHoles and dropSpecks", () => {
  it("fill exactly the holes up to the size", () => {
    fc.assert(
      fc.property(arbitraryMask(20), fc.nat(12), (mask, limit) => {
        const holes = mask
          .invert()
          .components({ connectivity: 4 })
          .filter(
            ({ bbox }) =>
              bbox.x > 0 &&
              bbox.y > 0 &&
              bbox.x + bbox.width < mask.width &&
              bbox.y + bbox.height < mask.height,
          );
        const fill = (chosen: Mask[]) => chosen.reduce((result, hole) => result.union(hole), mask);
        expect(mask.refine({ fillHoles: true }).runs).toEqual(fill(holes).runs);
        expect(mask.refine({ fillHoles: limit }).runs).toEqual(
          fill(holes.filter(({ area }) => area <= limit)).runs,
        );
        expect(mask.refine({ fillHoles: false }).runs).toEqual(mask.runs);
        expect(
          mask
            .refine({ fillHoles: true })
            .contours()
            .flatMap(({ holes: left }) => left).length,
        ).toBeLessThanOrEqual(mask.contours().flatMap(({ holes: left }) => left).length);
      }),
    );
  });

  it("drop exactly the pieces below the size, never the largest", () => {
    fc.assert(
      fc.property(arbitraryMask(20), fc.nat(30), (mask, limit) => {
        const pieces = mask.components();
        const kept = pieces.filter(({ area }, index) => index === 0 || area >= limit);
        const expected = kept.reduce((result, piece) => result.union(piece), mask.subtract(mask));
        expect(mask.refine({ dropSpecks: limit }).runs).toEqual(expected.runs);
      }),
    );
  });
});
