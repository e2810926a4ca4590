import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Mask } from "./mask.js";
import { packLengths, StoredRuns, unpackLengths } from "./stored-runs.js";

describe("packed lengths", () => {
  it("come back as they were, up to 32 bits", () => {
    const length = fc.oneof(
      fc.nat(300),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.constantFrom(0, 127, 128, 16383, 16384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1),
    );
    fc.assert(
      fc.property(fc.array(length, { maxLength: 400 }), (list) => {
        const lengths = Uint32Array.from(list);
        const packed = packLengths(lengths);
        expect(unpackLengths(packed, lengths.length)).toEqual(lengths);
        // No byte more than the lengths need.
        const bytes = list.reduce((sum, value) => sum + Math.max(1, Math.ceil(Math.log2(value + 1) / 7)), 0);
        expect(packed).toHaveLength(bytes);
      }),
    );
  });

  it("give the same list while it is in use, and an equal one after it was collected", async () => {
    const lengths = Uint32Array.from({ length: 5000 }, (_, index) => 1 + (index % 300));
    const stored = StoredRuns.of(lengths.slice());
    expect(stored.runs).toBe(stored.runs);
    expect(stored.runs).toEqual(lengths);
    expect(StoredRuns.of(stored.runs)).toBe(stored);
    // Enough garbage, over several turns, that the list held weakly goes.
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      Array.from({ length: 40 }, () => new Uint32Array(100_000));
    }
    expect(stored.runs).toEqual(lengths);
  });
});

it("a crowded mask works from its packed runs and is below 1/50 of its bitmap", () => {
  const width = 640;
  const height = 360;
  const bitmap = new Uint8Array(width * height);
  for (let cell = 0; cell < 45; cell++) {
    const [centreX, centreY, radius] = [(cell * 97) % width, (cell * 61) % height, 6 + (cell % 20)];
    for (let y = Math.max(0, centreY - radius); y < Math.min(height, centreY + radius); y++)
      for (let x = Math.max(0, centreX - radius); x < Math.min(width, centreX + radius); x++)
        if (Math.hypot(x - centreX, y - centreY) < radius) bitmap[y * width + x] = 1;
  }
  const mask = Mask.fromBitmap(bitmap, width, height);
  expect(mask.runs.length).toBeGreaterThan(2000);
  expect(packLengths(mask.runs).byteLength).toBeLessThan((width * height) / 50);
  expect(mask.with({ score: 1 }).runs).toBe(mask.runs);
  const back = mask.invert().invert().toBitmap();
  expect(back.every((value, pixel) => value === bitmap[pixel])).toBe(true);
});
