import fc from "fast-check";
import { expect, it } from "vitest";
import { runsFromBitmap } from "./bitmap.js";
import { RunLookup } from "./run-lookup.js";

it("knows of every pixel, and of those beyond, what the bitmap says", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
      fc.integer({ min: 1, max: 3 }),
      (width, height, values, threshold) => {
        const bitmap = Uint8Array.from({ length: width * height }, () =>
          values.next().value! >= threshold ? 1 : 0,
        );
        const lookup = new RunLookup(runsFromBitmap(bitmap, width, height, 1), height);
        for (let y = -1; y <= height; y++) {
          for (let x = -1; x <= width; x++) {
            const inside = x >= 0 && y >= 0 && x < width && y < height && bitmap[y * width + x] === 1;
            if (lookup.contains(x, y) !== inside) return false;
          }
        }
        return true;
      },
    ),
  );
});

it.each([0, 1])("answers for a picture all %i", (value) => {
  const lookup = new RunLookup(runsFromBitmap(new Uint8Array(12).fill(value), 4, 3, 1), 3);
  expect(lookup.contains(0, 0)).toBe(value === 1);
  expect(lookup.contains(3, 2)).toBe(value === 1);
  expect(lookup.contains(4, 0)).toBe(false);
});
