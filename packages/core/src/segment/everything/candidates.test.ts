import { describe, expect, it } from "vitest";
import { runEverything } from "./everything.js";
import type { EverythingOptions } from "./options.js";
import { syntheticContext } from "./synthetic.test-support.js";

const image = { width: 150, height: 110 };
const base: EverythingOptions = {
  pointsPerSide: 6,
  predIouThresh: 0.8,
  stabilityScoreThresh: 0.9,
  keepPredIou: 0.1,
  keepStabilityScore: 0.1,
};

async function fresh(options: EverythingOptions) {
  const { context, calls } = syntheticContext(image);
  const run = runEverything(context, options);
  return { masks: await run.toArray(), candidates: await run.candidates(), calls };
}

describe("candidates.filter", () => {
  it.each([
    [{}, { predIouThresh: 0.6, stabilityScoreThresh: 0.5 }],
    [{}, { boxNmsThresh: 0.3 }],
    [{}, { predIouThresh: 0.95 }],
    [{ keepStabilityScore: 0 }, { maskThreshold: 0.5 }],
    [{ keepStabilityScore: 0 }, { stabilityScoreOffset: 2, stabilityScoreThresh: 0.6 }],
    [{ cropNLayers: 1 }, { cropNmsThresh: 0.3, predIouThresh: 0.7 }],
    [
      { cropNLayers: 1, keepStabilityScore: 0 },
      { maskThreshold: -0.8, stabilityScoreThresh: 0.6 },
    ],
    [{ preset: "sam" }, { minMaskRegionArea: 300, stabilityScoreThresh: 0.5 }],
    [
      { preset: "sam", minMaskRegionArea: 300 },
      { minMaskRegionArea: 0, predIouThresh: 0.7 },
    ],
  ] as const)(
    "gives for %j and %j what a run with them gives, without running the model",
    async (own, changed) => {
      const { candidates, calls } = await fresh({ ...base, ...own });
      const decodes = calls.decodes;
      const filtered = candidates.filter(changed);
      expect(calls.decodes).toBe(decodes);
      const { masks } = await fresh({ ...base, ...own, ...changed });
      expect(filtered.length).toBeGreaterThan(0);
      expect(filtered.map((mask) => mask.pointCoords)).toEqual(masks.map((mask) => mask.pointCoords));
      filtered.forEach((mask, index) => {
        expect(mask.mask.iou(masks[index]!.mask)).toBeGreaterThan(0.995);
        expect(mask.predictedIou).toBe(masks[index]!.predictedIou);
        expect(mask.stabilityScore).toBeCloseTo(masks[index]!.stabilityScore, 2);
      });
    },
  );

  it("gives masks that were shown under their ids, and the same objects for the same question", async () => {
    const { masks, candidates } = await fresh(base);
    expect(candidates.filter()).toEqual(masks);
    const wider = candidates.filter({ predIouThresh: 0.5 });
    expect(candidates.filter({ predIouThresh: 0.5 })).toEqual(wider);
    expect(new Set(wider.map((mask) => mask.id)).size).toBe(wider.length);
    const shown = new Map(masks.map((mask) => [mask.id, mask]));
    expect(wider.some((mask) => shown.get(mask.id) === mask)).toBe(true);
  });

  it("leaves out masks by area before overlaps are settled", async () => {
    const { candidates } = await fresh(base);
    const areas = candidates.filter().map((mask) => mask.area);
    const limit = [...areas].sort((first, second) => first - second)[Math.floor(areas.length / 2)]!;
    expect(candidates.filter({ minArea: limit }).every((mask) => mask.area >= limit)).toBe(true);
    expect(candidates.filter({ maxArea: limit }).every((mask) => mask.area <= limit)).toBe(true);
  });

  it("refuses thresholds below the floors, and unknown names", async () => {
    const { candidates } = await fresh({ ...base, keepPredIou: 0.6, keepStabilityScore: 0.7 });
    const refuses = (options: object, field: string) =>
      expect(() => candidates.filter(options)).toThrowError(
        expect.objectContaining({ code: "INVALID_INPUT", field }),
      );
    refuses({ predIouThresh: 0.59 }, "predIouThresh");
    refuses({ stabilityScoreThresh: 0.69 }, "stabilityScoreThresh");
    refuses({ maskThreshold: -1.5 }, "maskThreshold");
    refuses({ stabilityScoreOffset: 2.5 }, "maskThreshold");
    refuses({ minMaskRegionArea: 10 }, "minMaskRegionArea");
    refuses({ pointsPerSide: 3 }, "pointsPerSide");
    refuses({ boxNmsThresh: 7 }, "boxNmsThresh");
    expect(candidates.filter({ predIouThresh: 0.6, stabilityScoreThresh: 0.7 }).length).toBeGreaterThan(0);
  });

  it("keeps within its memory by raising the floors; the run's own masks stay", async () => {
    const { masks, candidates } = await fresh(base);
    const tight = await fresh({ ...base, keepBytes: candidates.bytes / 3 });
    expect(tight.candidates.bytes).toBeLessThan(candidates.bytes * 0.9);
    expect(tight.candidates.floors.predIouThresh).toBeGreaterThan(candidates.floors.predIouThresh);
    expect(tight.masks.map((mask) => mask.mask.runs)).toEqual(masks.map((mask) => mask.mask.runs));
    const none = await fresh({ ...base, keepBytes: 0 });
    expect(none.candidates.floors.predIouThresh).toBeLessThanOrEqual(0.8);
    expect(none.candidates.filter().map((mask) => mask.mask.runs)).toEqual(
      masks.map((mask) => mask.mask.runs),
    );
    expect(() => none.candidates.filter({ predIouThresh: 0.1 })).toThrowError(
      expect.objectContaining({ field: "predIouThresh" }),
    );
  });
});
