import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import { blendModes } from "./blend-modes.js";
import { paint } from "./paint.js";
import { randomImage, randomMaskOfSize, randomNumbers } from "./test-support.js";

/** The largest difference of two pictures in one byte. */
function farthest(first: ArrayLike<number>, second: ArrayLike<number>): number {
  let most = 0;
  for (let index = 0; index < first.length; index++)
    most = Math.max(most, Math.abs(first[index]! - second[index]!));
  return most;
}

const [width, height] = [19, 11];

describe("a layer of one colour", () => {
  it("gives the same picture by the short way as a gradient of that one colour by the long way", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.constantFrom(...blendModes),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(0, 0.7, 3),
        (seed, blend, opacity, feather) => {
          const random = randomNumbers(seed);
          const image = randomImage(seed, width, height, seed % 3 === 0);
          const mask = randomMaskOfSize(seed, width, height);
          const bytes = [0, 1, 2].map(() => Math.floor(random() * 256));
          const color = `rgb(${bytes.join(" ")} / ${seed % 2 === 0 ? 1 : 0.4})`;
          const how = { mask, blend, opacity, feather };
          const short = paint(image, [{ ...how, color }]);
          const long = paint(image, [{ ...how, gradient: { type: "linear", stops: [{ at: 0, color }] } }]);
          expect(farthest(short.data, long.data)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("keeps the shading by the short way as by the long way", () => {
    // One clear pixel at the beginning of each row sends the rest of the row the long way.
    const image = randomImage(11, width, height);
    const holed = { ...image, data: image.data.slice() };
    for (let y = 0; y < height; y++) holed.data[y * width * 4 + 3] = 254;
    const mask = Mask.full(width, height);
    for (const blend of ["normal", "multiply", "soft-light"] as const) {
      for (const keepShading of [true, 0.5]) {
        const layer = { mask, color: "#c0392b", keepShading, opacity: 0.8, blend };
        const short = paint(image, [layer]).data;
        const long = paint(holed, [layer]).data;
        for (let y = 0; y < height; y++) {
          const [start, end] = [(y * width + 1) * 4, (y + 1) * width * 4];
          expect(farthest(short.subarray(start, end), long.subarray(start, end))).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});
