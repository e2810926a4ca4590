import { describe, expect, it } from "vitest";
import type { LogitsPlane } from "./logits-plane.js";
import { Mask } from "./mask.js";

/** The definition, slowly: upsample bilinearly with half-pixel centres, then compare. */
function naiveBitmap(plane: LogitsPlane, width: number, height: number, threshold: number): Uint8Array {
  const { data } = plane;
  const at = (row: number, column: number) => data[row * plane.width + column]!;
  const axis = (index: number, scale: number, length: number) => {
    const position = Math.min(length - 1, Math.max(0, (index + 0.5) * scale - 0.5));
    const low = Math.floor(position);
    return { low, high: Math.min(length - 1, low + 1), fraction: position - low };
  };
  const bitmap = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const rows = axis(y, plane.scaleY, plane.height);
    for (let x = 0; x < width; x++) {
      const columns = axis(x, plane.scaleX, plane.width);
      const top =
        at(rows.low, columns.low) * (1 - columns.fraction) + at(rows.low, columns.high) * columns.fraction;
      const bottom =
        at(rows.high, columns.low) * (1 - columns.fraction) + at(rows.high, columns.high) * columns.fraction;
      bitmap[y * width + x] = top * (1 - rows.fraction) + bottom * rows.fraction > threshold ? 1 : 0;
    }
  }
  return bitmap;
}

/** A small deterministic generator, so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function smoothPlane(
  seed: number,
  width: number,
  height: number,
  scaleX: number,
  scaleY: number,
): LogitsPlane {
  const random = randomNumbers(seed);
  const waves = Array.from(
    { length: 5 },
    () => [random() * 0.4, random() * 0.4, random() * 6, random() * 4] as const,
  );
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data[y * width + x] = waves.reduce(
        (sum, [fx, fy, phase, size]) => sum + size * Math.sin(fx * x + fy * y + phase),
        0,
      );
    }
  }
  return { data, width, height, scaleX, scaleY };
}

describe("Mask.fromLogits", () => {
  const cases = [
    { name: "enlarging", plane: [32, 24], image: [320, 240] },
    { name: "enlarging by odd factors", plane: [17, 13], image: [203, 331] },
    { name: "letterboxed: part of the plane is padding", plane: [64, 64], image: [640, 427], scale: 0.1 },
    { name: "shrinking", plane: [64, 64], image: [20, 11] },
    { name: "one pixel", plane: [16, 16], image: [1, 1] },
    { name: "one row", plane: [16, 16], image: [200, 1] },
    { name: "one column", plane: [16, 16], image: [1, 200] },
    { name: "same size", plane: [40, 40], image: [40, 40] },
  ] as const;

  for (const { name, plane, image, ...rest } of cases) {
    it(`equals upsampling and thresholding: ${name}`, () => {
      const [planeWidth, planeHeight] = plane;
      const [width, height] = image;
      const scaleX = "scale" in rest ? rest.scale : planeWidth / width;
      const scaleY = "scale" in rest ? rest.scale : planeHeight / height;
      for (const threshold of [0, 1, -1]) {
        for (let seed = 1; seed <= 12; seed++) {
          const logits = smoothPlane(seed, planeWidth, planeHeight, scaleX, scaleY);
          const mask = Mask.fromLogits(logits, width, height, { threshold });
          const expected = Mask.fromBitmap(naiveBitmap(logits, width, height, threshold), width, height);
          // Pixels exactly on a border may differ by rounding: float32 against double.
          const differing = mask.area + expected.area - 2 * overlap(mask, expected);
          expect(differing, `seed ${seed}, threshold ${threshold}`).toBeLessThanOrEqual(
            Math.ceil(width * height * 1e-4),
          );
        }
      }
    });
  }

  it("keeps run lengths in normal form for noise", () => {
    const random = randomNumbers(7);
    const data = Float32Array.from({ length: 48 * 48 }, () => random() - 0.5);
    const plane = { data, width: 48, height: 48, scaleX: 0.3, scaleY: 0.3 };
    const { runs } = Mask.fromLogits(plane, 160, 160);
    expect(runs.slice(1).every((length) => length > 0)).toBe(true);
    expect(runs.reduce((sum, length) => sum + length, 0)).toBe(160 * 160);
  });

  it("gives empty and full masks for planes of one sign; zero is outside", () => {
    const flat = (value: number) => ({
      data: new Float32Array(64).fill(value),
      width: 8,
      height: 8,
      scaleX: 0.1,
      scaleY: 0.1,
    });
    expect(Mask.fromLogits(flat(-1), 80, 80).area).toBe(0);
    expect(Mask.fromLogits(flat(0), 80, 80).isEmpty).toBe(true);
    expect(Mask.fromLogits(flat(1), 80, 80).area).toBe(6400);
  });
});

function overlap(first: Mask, second: Mask): number {
  const [one, two] = [first.toBitmap(), second.toBitmap()];
  return one.reduce((sum, value, index) => sum + (value & two[index]!), 0);
}
