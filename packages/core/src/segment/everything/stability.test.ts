import { expect, it } from "vitest";
import { passesPredictedIou, passesStability, stabilityScore } from "./stability.js";

it("compares in single precision, as the reference does", () => {
  expect(passesPredictedIou(Math.fround(0.8), 0.8)).toBe(false);
  expect(passesPredictedIou(Math.fround(0.8) + 1e-6, 0.8)).toBe(true);
  expect(passesStability(stabilityScore(95, 100), 0.95)).toBe(true);
  expect(passesStability(stabilityScore(94_999, 100_000), 0.95)).toBe(false);
});

it("lets everything pass at 0 or less, and drops 0/0 otherwise", () => {
  expect(passesPredictedIou(-3, 0)).toBe(true);
  expect(stabilityScore(0, 0)).toBeNaN();
  expect(passesStability(Number.NaN, 0)).toBe(true);
  expect(passesStability(Number.NaN, 0.1)).toBe(false);
});
