import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryMask, drawMask } from "./arbitrary-mask.test-support.js";
import type { Connectivity } from "./components.js";
import { expectInvalidInput } from "./expect-invalid-input.test-support.js";
import { Mask } from "./mask.js";

/** Flood fill, pixel by pixel. */
function floodedPieces(mask: Mask, connectivity: Connectivity): Set<string>[] {
  const steps = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    ...(connectivity === 8
      ? [
          [1, 1],
          [1, -1],
          [-1, 1],
          [-1, -1],
        ]
      : []),
  ] as const;
  const seen = new Set<string>();
  const pieces: Set<string>[] = [];
  for (let x = 0; x < mask.width; x++) {
    for (let y = 0; y < mask.height; y++) {
      if (!mask.contains(x, y) || seen.has(`${x},${y}`)) continue;
      const piece = new Set<string>();
      const open: [number, number][] = [[x, y]];
      seen.add(`${x},${y}`);
      for (let next = open.pop(); next; next = open.pop()) {
        piece.add(`${next[0]},${next[1]}`);
        for (const [dx, dy] of steps) {
          const neighbour: [number, number] = [next[0] + dx, next[1] + dy];
          const key = `${neighbour[0]},${neighbour[1]}`;
          if (!mask.contains(...neighbour) || seen.has(key)) continue;
          seen.add(key);
          open.push(neighbour);
        }
      }
      pieces.push(piece);
    }
  }
  return pieces;
}

function pixelSet(mask: Mask): Set<string> {
  const set = new Set<string>();
  for (let y = 0; y < mask.height; y++)
    for (let x = 0; x < mask.width; x++) if (mask.contains(x, y)) set.add(`${x},${y}`);
  return set;
}

describe.each([4, 8] as const)("components with %s neighbours", (connectivity) => {
  it("are the flooded pieces, largest first", () => {
    fc.assert(
      fc.property(arbitraryMask(16), (mask) => {
        const pieces = mask.components({ connectivity });
        // Sorting is stable, and flooding finds pieces in the order of their first pixel too.
        const expected = floodedPieces(mask, connectivity).sort((first, second) => second.size - first.size);
        expect(pieces.map(pixelSet)).toEqual(expected);
      }),
    );
  });

  it("partition the mask", () => {
    fc.assert(
      fc.property(arbitraryMask(40), (mask) => {
        const pieces = mask.components({ connectivity });
        expect(pieces.reduce((sum, piece) => sum + piece.area, 0)).toBe(mask.area);
        if (pieces.length > 0) expect(Mask.merge(pieces).runs).toEqual(mask.runs);
        for (const piece of pieces) expect(piece.components({ connectivity })).toHaveLength(1);
      }),
    );
  });
});

it("finds thousands of pieces in a large picture", () => {
  const dots = drawMask(4096, 1024, (x, y) => x % 64 < 20 && y % 64 < 20);
  const pieces = dots.components();
  expect(pieces).toHaveLength(64 * 16);
  expect(pieces[7]).toMatchObject({ area: 400, bbox: { x: 0, y: 448, width: 20, height: 20 } });
});

it("refuses another connectivity", () => {
  expectInvalidInput(() => Mask.full(2, 2).components({ connectivity: 6 as never }), "connectivity");
});
