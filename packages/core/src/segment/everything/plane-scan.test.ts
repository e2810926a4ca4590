import { expect, it } from "vitest";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import { Mask } from "../../mask/mask.js";
import { RunBuilder } from "../../mask/run-builder.js";
import { pixelLattice } from "./pixel-lattice.js";
import { compactRegion, expandRegion, readRegion } from "./plane-region.js";
import { scanPlane, stabilityBound } from "./plane-scan.js";
import { hash } from "./synthetic.test-support.js";

function scan(plane: LogitsPlane, width: number, height: number, level: number, half = false) {
  const lattice = pixelLattice(plane, { width, height });
  const region = readRegion(
    plane,
    lattice,
    level - 1,
    new Float32Array((plane.width + 1) * (plane.height + 1)),
  );
  if (!region) return undefined;
  const builder = new RunBuilder();
  const target = { builder, x0: 0, y0: 0, imageHeight: height };
  const used = half ? expandRegion(compactRegion(region, level)) : region;
  const extent = scanPlane(used, lattice, half ? 0 : level, target);
  return { ...extent, mask: new Mask(width, height, builder.finish(width * height)), region, lattice };
}

/** Every pixel on its own. */
function naive(plane: LogitsPlane, width: number, height: number, level: number): Mask {
  const bitmap = new Uint8Array(width * height);
  const at = (axis: number, index: number, scale: number) => {
    const position = Math.min(axis - 1, Math.max(0, (index + 0.5) * scale - 0.5));
    const low = Math.floor(position);
    return { low, high: Math.min(axis - 1, low + 1), fraction: position - low };
  };
  for (let y = 0; y < height; y++) {
    const row = at(plane.height, y, plane.scaleY);
    for (let x = 0; x < width; x++) {
      const column = at(plane.width, x, plane.scaleX);
      const value = (r: number, c: number) => plane.data[r * plane.width + c]!;
      const upper =
        value(row.low, column.low) +
        (value(row.low, column.high) - value(row.low, column.low)) * column.fraction;
      const lower =
        value(row.high, column.low) +
        (value(row.high, column.high) - value(row.high, column.low)) * column.fraction;
      bitmap[y * width + x] = upper + (lower - upper) * row.fraction > level ? 1 : 0;
    }
  }
  return Mask.fromBitmap(bitmap, width, height);
}

it("equals comparing every pixel, whatever the sizes, also where borders run through pixel centres", () => {
  for (let round = 0; round < 400; round++) {
    const size = (place: number, most: number) => 1 + Math.floor(hash(round, place) * most);
    const [planeWidth, planeHeight, width, height] = [size(1, 20), size(2, 20), size(3, 90), size(4, 90)];
    // Whole numbers make ties: borders at exact halves and quarters of cells.
    const wholeNumbers = round % 2 === 0;
    const data = Float32Array.from({ length: planeWidth * planeHeight }, (_, index) => {
      const value = (hash(round, 5, Math.floor(index / (1 + (round % 4)))) - 0.55) * 6;
      return wholeNumbers ? Math.round(value) : value;
    });
    const padded = hash(round, 6) < 0.3 ? 0.7 : 1;
    const plane = {
      data,
      width: planeWidth,
      height: planeHeight,
      scaleX: planeWidth / width,
      scaleY: (padded * planeHeight) / height,
    };
    for (const level of [0, 1, -1]) {
      const expected = naive(plane, width, height, level);
      const found = scan(plane, width, height, level);
      const where = `round ${round}, level ${level}`;
      expect(found?.area ?? 0, where).toBe(expected.area);
      if (!found) continue;
      expect(found.mask.runs, where).toEqual(expected.runs);
      const { x, y, width: across, height: down } = expected.bbox;
      if (expected.area > 0) {
        expect(found.box, where).toEqual({ minX: x, minY: y, maxX: x + across - 1, maxY: y + down - 1 });
      }
    }
  }
});

it("bounds the stability score from above", () => {
  for (let round = 0; round < 100; round++) {
    const data = Float32Array.from({ length: 24 * 24 }, (_, index) => {
      const [x, y] = [index % 24, Math.floor(index / 24)];
      return 2 + 8 * hash(round, 1) - Math.hypot(x - 12, y - 12) + hash(round, index) * 2;
    });
    const plane = { data, width: 24, height: 24, scaleX: 24 / 150, scaleY: 24 / 130 };
    const tight = scan(plane, 150, 130, 1);
    const wide = scan(plane, 150, 130, -1)!;
    expect(stabilityBound(wide.region, wide.lattice, 1, -1)).toBeGreaterThanOrEqual(
      (tight?.area ?? 0) / wide.area,
    );
  }
});

it("loses next to nothing at half precision", () => {
  for (let round = 0; round < 20; round++) {
    const data = Float32Array.from({ length: 64 * 64 }, (_, index) => {
      const [x, y] = [index % 64, Math.floor(index / 64)];
      return 3 * (15 - Math.hypot(x - 30, y - 34)) + hash(round, index);
    });
    const plane = { data, width: 64, height: 64, scaleX: 64 / 960, scaleY: 64 / 960 };
    expect(scan(plane, 960, 960, 0, true)!.mask.iou(scan(plane, 960, 960, 0)!.mask)).toBeGreaterThan(0.9995);
  }
});
