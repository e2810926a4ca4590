import { describe, expect, it } from "vitest";
import { calibrationOf, numberOfClicks } from "./metrics.js";

describe("numberOfClicks", () => {
  it("counts the first click that reaches the quality, and the limit for those that never do", () => {
    const ious = [[0.5, 0.85], [0.9], [0.1, 0.2, 0.3]];
    expect(numberOfClicks(ious, 0.85, 20)).toEqual({ clicks: (2 + 1 + 20) / 3, failures: 1 });
  });

  it("does not count clicks beyond the limit", () => {
    expect(numberOfClicks([[0, 0, 0.9]], 0.9, 2)).toEqual({ clicks: 2, failures: 1 });
  });
});

describe("calibrationOf", () => {
  it("finds the correlation, the error and the bias", () => {
    const calibration = calibrationOf([
      { predicted: 0.9, actual: 0.8 },
      { predicted: 0.5, actual: 0.4 },
      { predicted: 0.3, actual: 0.2 },
    ]);
    expect(calibration.predictions).toBe(3);
    expect(calibration.correlation).toBeCloseTo(1);
    expect(calibration.meanAbsoluteError).toBeCloseTo(0.1);
    expect(calibration.bias).toBeCloseTo(0.1);
  });

  it("has no correlation when a side never varies", () => {
    const predictions = [0.2, 0.9].map((actual) => ({ predicted: 0.5, actual }));
    expect(calibrationOf(predictions).correlation).toBeNull();
  });
});
