import { Mask } from "@maskery/core";
import { describe, expect, it } from "vitest";
import { nextClick, regionCentre } from "./click-simulation.js";

/** Rows of text to a mask: `#` is inside. */
function maskOf(...rows: string[]): Mask {
  const bitmap = Uint8Array.from(rows.join(""), (character) => (character === "#" ? 1 : 0));
  return Mask.fromBitmap(bitmap, rows[0]!.length, rows.length);
}

/** The definition, slowly: the nearest of all pixels outside, with one ring around the picture. */
function slowCentre(bitmap: Uint8Array, width: number, height: number) {
  let best: { x: number; y: number; squared: number } | undefined;
  const isInside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && bitmap[y * width + x] !== 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInside(x, y)) continue;
      let squared = Number.POSITIVE_INFINITY;
      for (let v = -1; v <= height; v++) {
        for (let u = -1; u <= width; u++) {
          if (!isInside(u, v)) squared = Math.min(squared, (u - x) ** 2 + (v - y) ** 2);
        }
      }
      if (squared > (best?.squared ?? 0)) best = { x, y, squared };
    }
  }
  return best && { x: best.x, y: best.y, distance: Math.fround(Math.sqrt(best.squared)) };
}

function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("regionCentre", () => {
  it("finds nothing in an empty region", () => {
    expect(regionCentre(Mask.empty(4, 3))).toBeUndefined();
  });

  it("counts what lies beyond the picture as outside", () => {
    expect(regionCentre(Mask.full(7, 5))).toEqual({ x: 2, y: 2, distance: 3 });
    expect(regionCentre(Mask.full(1, 1))).toEqual({ x: 0, y: 0, distance: 1 });
  });

  it("equals the definition on random regions, first pixel in row-major order included", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomNumbers(seed);
      const width = 1 + Math.floor(random() * 18);
      const height = 1 + Math.floor(random() * 18);
      const share = 0.3 + 0.69 * random();
      const bitmap = Uint8Array.from({ length: width * height }, () => (random() < share ? 1 : 0));
      const found = regionCentre(Mask.fromBitmap(bitmap, width, height));
      expect(found, `seed ${seed}`).toEqual(slowCentre(bitmap, width, height));
    }
  });
});

describe("nextClick", () => {
  const truth = maskOf(".......", ".###...", ".###...", ".###...", ".......");

  it("begins at the centre of the object", () => {
    expect(nextClick(truth, undefined)).toEqual({ x: 2, y: 2, label: 1 });
  });

  it("goes where more is missing", () => {
    const predicted = maskOf(".......", ".......", ".......", ".......", "......#");
    expect(nextClick(truth, predicted)).toEqual({ x: 2, y: 2, label: 1 });
  });

  it("takes away what is too much, with label 0", () => {
    const predicted = maskOf("....###", ".######", ".######", ".###...", ".......");
    expect(nextClick(truth, predicted)).toEqual({ x: 5, y: 1, label: 0 });
  });

  it("prefers the positive click when both regions are as deep", () => {
    const predicted = maskOf(".......", "..##...", ".###...", ".###...", "......#");
    expect(nextClick(truth, predicted)).toEqual({ x: 1, y: 1, label: 1 });
  });

  it("has nothing to click on in a perfect mask", () => {
    expect(nextClick(truth, truth)).toBeUndefined();
  });
});
