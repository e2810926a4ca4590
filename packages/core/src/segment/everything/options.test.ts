import { describe, expect, it } from "vitest";
import { type EverythingOptions, resolveEverythingOptions } from "./options.js";

const resolve = (options: unknown, preset: "sam" | "sam2" = "sam2") =>
  resolveEverythingOptions(options as EverythingOptions, preset);

describe("options of an automatic run", () => {
  it("has the reference's defaults", () => {
    const common = {
      pointsPerSide: 32,
      pointGrids: undefined,
      pointsPerBatch: 64,
      stabilityScoreThresh: 0.95,
      stabilityScoreOffset: 1,
      maskThreshold: 0,
      boxNmsThresh: 0.7,
      cropNLayers: 0,
      cropNmsThresh: 0.7,
      cropOverlapRatio: 512 / 1500,
      cropNPointsDownscaleFactor: 1,
      minMaskRegionArea: 0,
      outputMode: "binary_mask",
      useM2m: false,
      multimaskOutput: true,
    };
    expect(resolve({})).toMatchObject({ ...common, preset: "sam2", predIouThresh: 0.8 });
    expect(resolve({}, "sam")).toMatchObject({ ...common, preset: "sam", predIouThresh: 0.88 });
    expect(resolve({ preset: "sam" })).toMatchObject({ preset: "sam", predIouThresh: 0.88 });
    expect(resolve({ predIouThresh: 0 })).toMatchObject({ predIouThresh: 0, keepPredIou: 0 });
  });

  it("takes a model's own thresholds unless the caller names a preset or a value", () => {
    const own = { predIouThresh: 0.5, stabilityScoreOffset: 0.25 };
    expect(resolveEverythingOptions({}, "sam2", own)).toMatchObject({
      ...own,
      stabilityScoreThresh: 0.95,
      keepPredIou: 0.5,
    });
    expect(resolveEverythingOptions({ preset: "sam2" }, "sam2", own)).toMatchObject({
      predIouThresh: 0.8,
      stabilityScoreOffset: 1,
    });
    expect(resolveEverythingOptions({ predIouThresh: 0.7 }, "sam2", own)).toMatchObject({
      predIouThresh: 0.7,
      stabilityScoreOffset: 0.25,
    });
  });

  it.each([
    [{ pointsPerSide: 0 }, "pointsPerSide"],
    [{ pointsPerSide: 2.5 }, "pointsPerSide"],
    [{ pointsPerSide: 8, pointGrids: [[[0.5, 0.5]]] }, "pointGrids"],
    [{ pointGrids: [[[0.5, 0.5]]], cropNLayers: 1 }, "pointGrids"],
    [{ pointGrids: [[[0.5, 1.5]]] }, "pointGrids[0][0][1]"],
    [{ pointGrids: [[]] }, "pointGrids[0]"],
    [{ pointsPerBatch: 0 }, "pointsPerBatch"],
    [{ predIouThresh: 88 }, "predIouThresh"],
    [{ predIouThresh: "0.8" }, "predIouThresh"],
    [{ stabilityScoreThresh: Number.NaN }, "stabilityScoreThresh"],
    [{ stabilityScoreOffset: -1 }, "stabilityScoreOffset"],
    [{ boxNmsThresh: 1.1 }, "boxNmsThresh"],
    [{ cropNmsThresh: -0.1 }, "cropNmsThresh"],
    [{ cropNLayers: 9 }, "cropNLayers"],
    [{ cropOverlapRatio: 2 }, "cropOverlapRatio"],
    [{ cropNPointsDownscaleFactor: 0 }, "cropNPointsDownscaleFactor"],
    [{ pointsPerSide: 3, cropNLayers: 2, cropNPointsDownscaleFactor: 2 }, "cropNPointsDownscaleFactor"],
    [{ minMaskRegionArea: -5 }, "minMaskRegionArea"],
    [{ outputMode: "png" }, "outputMode"],
    [{ preset: "sam3" }, "preset"],
    [{ useM2m: 1 }, "useM2m"],
    [{ keepPredIou: 0.9 }, "keepPredIou"],
    [{ keepStabilityScore: 0.96 }, "keepStabilityScore"],
    [{ points_per_side: 8 }, "points_per_side"],
    [{ onProgress: 5 }, "onProgress"],
    [null, "options"],
  ])("refuses %j, naming %s", (options, field) => {
    expect(() => resolve(options)).toThrowError(expect.objectContaining({ code: "INVALID_INPUT", field }));
  });
});
