import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryMask, discMask, drawMask, randomNumbers } from "./arbitrary-mask.test-support.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";
import { type Polygon, type Ring, signedRingArea, type Vertex } from "./polygon.js";
import { simplifyPolygons, simplifyRing } from "./simplify-polygons.js";
import { smoothRing } from "./smooth-polygons.js";

const ringsOf = (polygons: readonly Polygon[]) => polygons.flatMap(({ outer, holes }) => [outer, ...holes]);

describe("contours along pixel edges", () => {
  it("give the mask back, by either rule", () => {
    fc.assert(
      fc.property(arbitraryMask(), fc.constantFrom("nonzero" as const, "even-odd" as const), (mask, rule) => {
        const { width, height } = mask;
        expect(Mask.fromPolygons(mask.contours(), width, height, { rule }).runs).toEqual(mask.runs);
      }),
      { numRuns: 400 },
    );
  });

  it("turn as they should, measure the mask, and never meet themselves", () => {
    fc.assert(
      fc.property(arbitraryMask(), (mask) => {
        const polygons = mask.contours();
        expect(polygons).toHaveLength(mask.components({ connectivity: 4 }).length);
        let area = 0;
        for (const { outer, holes } of polygons) {
          expect(signedRingArea(outer)).toBeGreaterThan(0);
          for (const hole of holes) expect(signedRingArea(hole)).toBeLessThan(0);
        }
        for (const ring of ringsOf(polygons)) {
          area += signedRingArea(ring);
          expect(new Set(ring.map(({ x, y }) => `${x},${y}`)).size).toBe(ring.length);
          ring.forEach((vertex, index) => {
            const next = ring[(index + 1) % ring.length]!;
            // Edges run along one axis, and every vertex is a corner.
            expect((vertex.x === next.x) !== (vertex.y === next.y)).toBe(true);
            const after = ring[(index + 2) % ring.length]!;
            expect((vertex.x === next.x) !== (next.x === after.x)).toBe(true);
          });
        }
        expect(area).toBe(mask.area);
      }),
      { numRuns: 300 },
    );
  });

  it("state their orientation: outer counter-clockwise on screen, holes clockwise, y down", () => {
    const ring = drawMask(5, 4, (x, y) => x >= 1 && x <= 3 && y >= 0 && y <= 2 && !(x === 2 && y === 1));
    const [polygon] = ring.contours();
    // From the top left corner counter-clockwise: down first.
    expect(rotatedToFirst(polygon!.outer)).toEqual([
      { x: 1, y: 0 },
      { x: 1, y: 3 },
      { x: 4, y: 3 },
      { x: 4, y: 0 },
    ]);
    expect(rotatedToFirst(polygon!.holes[0]!)).toEqual([
      { x: 2, y: 1 },
      { x: 3, y: 1 },
      { x: 3, y: 2 },
      { x: 2, y: 2 },
    ]);
  });

  it("handle 4096 × 4096", () => {
    const mask = discMask(4096, 4096, 2000, 2000, 1900).subtract(discMask(4096, 4096, 1500, 2500, 300));
    const polygons = mask.contours();
    expect(polygons.map(({ holes }) => holes.length)).toEqual([1]);
    expect(Mask.fromPolygons(polygons, 4096, 4096).runs).toEqual(mask.runs);
  });
});

function rotatedToFirst(ring: Ring): Ring {
  const first = ring.reduce(
    (best, { x, y }, index) => (x + y < ring[best]!.x + ring[best]!.y ? index : best),
    0,
  );
  return [...ring.slice(first), ...ring.slice(0, first)];
}

describe("fromPolygons", () => {
  const square = (left: number, top: number, side: number): Ring => [
    { x: left, y: top },
    { x: left + side, y: top },
    { x: left + side, y: top + side },
    { x: left, y: top + side },
  ];

  it("fills by pixel centres, against a winding number for each pixel", () => {
    const coordinate = fc.double({ min: -5, max: 20, noNaN: true });
    const ring = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 3, maxLength: 8 });
    const polygon = fc.record({ outer: ring, holes: fc.array(ring, { maxLength: 2 }) });
    fc.assert(
      fc.property(
        fc.array(polygon, { maxLength: 3 }),
        fc.constantFrom("nonzero" as const, "even-odd" as const),
        (polygons, rule) => {
          const mask = Mask.fromPolygons(polygons, 16, 12, { rule });
          for (let y = 0; y < 12; y++) {
            for (let x = 0; x < 16; x++) {
              let winding = 0;
              for (const { outer, holes } of polygons) {
                winding += windingNumber(outer, x + 0.5, y + 0.5) * Math.sign(signedRingArea(outer) || -1);
                for (const hole of holes)
                  winding -= windingNumber(hole, x + 0.5, y + 0.5) * Math.sign(signedRingArea(hole) || -1);
              }
              expect(mask.contains(x, y)).toBe(rule === "nonzero" ? winding !== 0 : winding % 2 !== 0);
            }
          }
        },
      ),
    );
  });

  it("takes holes out whichever way they run, and unites polygons that overlap", () => {
    const hole = square(2, 2, 2);
    for (const ring of [hole, [...hole].reverse()]) {
      expect(Mask.fromPolygons([{ outer: square(0, 0, 6), holes: [ring] }], 6, 6).area).toBe(32);
    }
    const overlapping = [{ outer: square(0, 0, 4) }, { outer: square(2, 2, 4) }];
    expect(Mask.fromPolygons(overlapping, 6, 6).area).toBe(28);
    expect(Mask.fromPolygons(overlapping, 6, 6, { rule: "even-odd" }).area).toBe(24);
  });

  it("cuts what lies beyond the picture", () => {
    expect(Mask.fromPolygons([{ outer: square(-1e6, -1e6, 2e6) }], 7, 5).area).toBe(35);
    expect(Mask.fromPolygons([{ outer: square(100, 0, 5) }], 7, 5).isEmpty).toBe(true);
    expect(Mask.fromPolygons([], 7, 5).isEmpty).toBe(true);
  });

  it("names the vertex at fault", () => {
    const fill = (polygons: unknown, rule?: unknown) => () =>
      Mask.fromPolygons(polygons as never, 4, 4, { rule: rule as never });
    expectInvalidInput(fill(5), "polygons");
    expectInvalidInput(fill([null]), "polygons[0].outer");
    expectInvalidInput(fill([{ outer: square(0, 0, 2).slice(0, 2) }]), "polygons[0].outer");
    expectInvalidInput(
      fill([{ outer: [...square(0, 0, 2), { x: Number.NaN, y: 0 }] }]),
      "polygons[0].outer[4].x",
    );
    expectInvalidInput(
      fill([
        {
          outer: [
            [0, 0],
            [1, 1],
            [2, 0],
          ],
        },
      ]),
      "polygons[0].outer[0].x",
    );
    expectInvalidInput(fill([{ outer: square(0, 0, 2), holes: [[]] }]), "polygons[0].holes[0]");
    expectInvalidInput(fill([{ outer: square(0, 0, 2), holes: 7 }]), "polygons[0].holes");
    expectInvalidInput(fill([{ outer: square(0, 0, 2e9) }]), "polygons[0].outer[1].x");
    expectInvalidInput(fill([], "winding"), "rule");
  });
});

/** Signed crossings of a ray downwards, positive where an edge goes right: the direction in which holes and outers differ. */
function windingNumber(ring: Ring, x: number, y: number): number {
  let winding = 0;
  let previous = ring[ring.length - 1]!;
  for (const vertex of ring) {
    const left = Math.min(previous.x, vertex.x);
    const right = Math.max(previous.x, vertex.x);
    if (left <= x && x < right) {
      const [from, to] = previous.x < vertex.x ? [previous, vertex] : [vertex, previous];
      const row = from.y + (x - from.x) * ((to.y - from.y) / (to.x - from.x));
      if (row <= y) winding += previous.x < vertex.x ? 1 : -1;
    }
    previous = vertex;
  }
  return winding;
}

describe("contours from logits", () => {
  const plane = (side: number, value: (x: number, y: number) => number, scale: number) => ({
    data: Float32Array.from({ length: side * side }, (_, index) =>
      value(index % side, Math.floor(index / side)),
    ),
    width: side,
    height: side,
    scaleX: scale,
    scaleY: scale,
  });

  it("follow a circle to a fraction of a pixel", () => {
    const logits = plane(64, (x, y) => 20 - Math.hypot(x - 31.5, y - 31.5), 64 / 512);
    const mask = Mask.fromLogits(logits, 512, 512);
    const [polygon, ...others] = mask.contours({ subpixel: true });
    expect(others).toEqual([]);
    // Centre of the plane's pixel 31.5 is the middle of the picture; radius 20 plane pixels are 160 picture pixels.
    for (const { x, y } of polygon!.outer)
      expect(Math.abs(Math.hypot(x - 256, y - 256) - 160)).toBeLessThan(0.1);
  });

  it("agree with the mask that the same logits give, holes included, and close at the picture's edge", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 30, max: 90 }),
        fc.integer({ min: 30, max: 90 }),
        (seed, width, height) => {
          const random = randomNumbers(seed);
          const coarse = Float32Array.from({ length: 36 }, () => random() * 4 - 2);
          const smooth = (x: number, y: number) => {
            const left = Math.floor(x / 4);
            const top = Math.floor(y / 4);
            const at = (column: number, row: number) => coarse[Math.min(5, row) * 6 + Math.min(5, column)]!;
            const u = x / 4 - left;
            const v = y / 4 - top;
            return (
              (at(left, top) * (1 - u) + at(left + 1, top) * u) * (1 - v) +
              (at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u) * v
            );
          };
          // A letterboxed picture: the plane reaches further than the picture does.
          const scale = 22 / Math.max(width, height);
          const mask = Mask.fromLogits(plane(22, smooth, scale), width, height);
          const polygons = mask.contours({ subpixel: true });
          for (const ring of ringsOf(polygons))
            for (const { x, y } of ring) expect(x >= 0 && y >= 0 && x <= width && y <= height).toBe(true);
          for (const { outer } of polygons) expect(signedRingArea(outer)).toBeGreaterThan(0);
          const filled = Mask.fromPolygons(polygons, width, height);
          expect(filled.xor(mask).area).toBeLessThanOrEqual(0.02 * width * height);
        },
      ),
    );
  });

  it("draws the picture's frame for a full mask and nothing for an empty one", () => {
    const full = Mask.fromLogits(
      plane(8, () => 1, 0.5),
      16,
      10,
    ).contours({ subpixel: true });
    expect(full).toHaveLength(1);
    expect(full[0]!.outer).toHaveLength(4);
    expect(signedRingArea(full[0]!.outer)).toBe(160);
    expect(
      Mask.fromLogits(
        plane(8, () => -1, 0.5),
        16,
        10,
      ).contours({ subpixel: true }),
    ).toEqual([]);
  });

  it("needs logits", () => {
    expectInvalidInput(() => Mask.full(4, 4).contours({ subpixel: true }), "subpixel");
  });
});

describe("simplify", () => {
  const distanceToRing = (point: Vertex, ring: Ring) =>
    Math.min(
      ...ring.map((start, index) => {
        const end = ring[(index + 1) % ring.length]!;
        const length = (end.x - start.x) ** 2 + (end.y - start.y) ** 2;
        const share =
          length === 0
            ? 0
            : ((point.x - start.x) * (end.x - start.x) + (point.y - start.y) * (end.y - start.y)) / length;
        const clamped = Math.min(1, Math.max(0, share));
        return Math.hypot(
          point.x - start.x - clamped * (end.x - start.x),
          point.y - start.y - clamped * (end.y - start.y),
        );
      }),
    );

  it("keeps every dropped vertex within the tolerance, and at least a triangle", () => {
    fc.assert(
      fc.property(arbitraryMask(), fc.double({ min: 0, max: 6, noNaN: true }), (mask, tolerancePixels) => {
        const before = ringsOf(mask.contours());
        const after = ringsOf(simplifyPolygons(mask.contours(), { tolerancePixels }));
        expect(after).toHaveLength(before.length);
        after.forEach((ring, index) => {
          expect(ring.length).toBeGreaterThanOrEqual(3);
          expect(Math.abs(signedRingArea(ring))).toBeGreaterThanOrEqual(0);
          for (const vertex of before[index]!)
            expect(distanceToRing(vertex, ring)).toBeLessThanOrEqual(tolerancePixels + 1e-9);
          const corners = new Set(before[index]!.map(({ x, y }) => `${x},${y}`));
          for (const { x, y } of ring) expect(corners.has(`${x},${y}`)).toBe(true);
        });
      }),
    );
  });

  it("makes few vertices of a round outline", () => {
    const disc = drawMask(400, 400, (x, y) => Math.hypot(x - 200, y - 200) < 150);
    const exact = disc.contours()[0]!.outer;
    const simple = disc.contours({ tolerancePixels: 1 })[0]!.outer;
    expect(exact.length).toBeGreaterThan(500);
    expect(simple.length).toBeLessThan(100);
    expect(Mask.fromPolygons([{ outer: simple }], 400, 400).iou(disc)).toBeGreaterThan(0.99);
  });

  it("refuses a bad tolerance", () => {
    expectInvalidInput(() => simplifyRing([], { tolerancePixels: -1 }), "tolerancePixels");
    expectInvalidInput(() => Mask.full(3, 3).contours({ tolerancePixels: Number.NaN }), "tolerancePixels");
  });
});

describe("smooth", () => {
  it("cuts corners, keeps the middle of every edge", () => {
    const square: Ring = [
      { x: 0, y: 0 },
      { x: 0, y: 4 },
      { x: 4, y: 4 },
      { x: 4, y: 0 },
    ];
    expect(smoothRing(square, { iterations: 1 })).toEqual([
      { x: 0, y: 1 },
      { x: 0, y: 3 },
      { x: 1, y: 4 },
      { x: 3, y: 4 },
      { x: 4, y: 3 },
      { x: 4, y: 1 },
      { x: 3, y: 0 },
      { x: 1, y: 0 },
    ]);
    expect(smoothRing(square, { iterations: 3 })).toHaveLength(32);
    expect(smoothRing(square, { iterations: 0 })).toEqual(square);
  });

  it("refuses a bad number of iterations", () => {
    expectInvalidInput(() => smoothRing([], { iterations: 1.5 }), "iterations");
    expectInvalidInput(() => Mask.full(3, 3).contours({ smoothIterations: 100 }), "iterations");
  });
});
