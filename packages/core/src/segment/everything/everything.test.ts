import { describe, expect, it } from "vitest";
import { fitToFrame } from "../../image/frame-fit.js";
import type { ImageSize } from "../../image/rgba-image.js";
import { cropBoxes } from "./crop-boxes.js";
import { runEverything } from "./everything.js";
import type { FoundMask } from "./found-mask.js";
import type { EverythingOptions } from "./options.js";
import { maskDifferences, slowMasks } from "./parity.test-support.js";
import type { ReferenceDecoder } from "./reference.test-support.js";
import {
  hash,
  type SyntheticContextOptions,
  syntheticAnswer,
  syntheticContext,
} from "./synthetic.test-support.js";

const small: ImageSize = { width: 96, height: 70 };

/** The same synthetic answers, given to the slow implementation. */
function slowDecoder(
  image: ImageSize,
  options: EverythingOptions,
  { model }: ReturnType<typeof syntheticContext>,
): ReferenceDecoder {
  const crops = cropBoxes(image, options.cropNLayers ?? 0, options.cropOverlapRatio ?? 512 / 1500);
  return (crop, points, planes) => {
    const { x0, y0, x1, y1 } = crops[crop]!;
    const size = { width: x1 - x0, height: y1 - y0 };
    const fit = fitToFrame(size, model.frame, model.rule);
    return points.map(([x, y], index) => syntheticAnswer(model, size, fit, { x, y }, planes?.[index]));
  };
}

async function compare(
  image: ImageSize,
  options: EverythingOptions,
  contextOptions: SyntheticContextOptions = {},
  name = "",
) {
  const synthetic = syntheticContext(image, contextOptions);
  const run = runEverything(synthetic.context, options);
  const shown = new Map<number, FoundMask>();
  for await (const mask of run) {
    for (const id of mask.replaces ?? [])
      expect(shown.delete(id), `${name}: replaces what is shown`).toBe(true);
    expect(shown.has(mask.id)).toBe(false);
    shown.set(mask.id, mask);
  }
  const masks = await run.toArray();
  expect(new Set(shown.values()), `${name}: what is shown at the end`).toEqual(new Set(masks));
  expect(
    maskDifferences(masks, await slowMasks(image, options, slowDecoder(image, options, synthetic))),
    name,
  ).toEqual([]);
  const again = (await run.candidates()).filter();
  expect(again, `${name}: filtering with the same thresholds`).toEqual(masks);
  return masks;
}

describe("parity with the slow implementation", () => {
  const base: EverythingOptions = { pointsPerSide: 7, predIouThresh: 0.6, stabilityScoreThresh: 0.7 };
  const cases: readonly [string, ImageSize, EverythingOptions, SyntheticContextOptions?][] = [
    ["defaults of sam2", small, { pointsPerSide: 8 }],
    ["defaults of sam", small, { pointsPerSide: 8, preset: "sam" }],
    ["low thresholds", small, base],
    ["stretched frame", small, base, { model: { rule: "stretch" } }],
    ["tall picture", { width: 61, height: 130 }, base],
    ["one prompt at a time", small, base, { batchObjects: false }],
    ["ragged batches", small, { ...base, pointsPerBatch: 10 }],
    ["no filters at all", small, { ...base, predIouThresh: 0, stabilityScoreThresh: 0, boxNmsThresh: 1 }],
    ["best plane only", small, { ...base, multimaskOutput: false }],
    ["threshold above zero", small, { ...base, maskThreshold: 0.4, stabilityScoreOffset: 0.3 }],
    ["threshold below zero", small, { ...base, maskThreshold: -0.7, stabilityScoreOffset: 1.9 }],
    ["strict suppression", small, { ...base, boxNmsThresh: 0.2 }],
    [
      "explicit grid",
      small,
      {
        ...base,
        pointsPerSide: undefined,
        pointGrids: [
          [
            [0.1, 0.2],
            [0.9, 0.5],
            [0.5, 0.5],
          ],
        ],
      },
    ],
    ["crops", { width: 150, height: 110 }, { ...base, cropNLayers: 1, cropNPointsDownscaleFactor: 2 }],
    [
      "crops of sam",
      { width: 150, height: 110 },
      { ...base, preset: "sam", cropNLayers: 1, cropNPointsDownscaleFactor: 2 },
    ],
    [
      "two layers of crops",
      { width: 210, height: 160 },
      { ...base, cropNLayers: 2, cropNPointsDownscaleFactor: 2 },
    ],
    [
      "crops without overlap",
      { width: 150, height: 110 },
      { ...base, cropNLayers: 1, cropOverlapRatio: 0, pointsPerSide: 4 },
    ],
    [
      "crops, other suppression",
      { width: 150, height: 110 },
      { ...base, cropNLayers: 1, cropNmsThresh: 0.2, pointsPerSide: 5 },
    ],
    [
      "crops, one prompt at a time",
      { width: 150, height: 110 },
      { ...base, cropNLayers: 1, pointsPerSide: 4 },
      { batchObjects: false },
    ],
    ["mask to mask", small, { ...base, useM2m: true }],
    [
      "mask to mask, best plane only, crops",
      small,
      { ...base, useM2m: true, multimaskOutput: false, cropNLayers: 1, pointsPerSide: 4 },
    ],
    [
      "small regions, sam",
      small,
      { ...base, preset: "sam", minMaskRegionArea: 60, stabilityScoreThresh: 0.3 },
      { model: { kind: "specks" } },
    ],
    [
      "small regions, sam, crops",
      { width: 150, height: 110 },
      {
        ...base,
        preset: "sam",
        minMaskRegionArea: 40,
        stabilityScoreThresh: 0.3,
        cropNLayers: 1,
        pointsPerSide: 4,
      },
      { model: { kind: "specks" } },
    ],
    ["small regions, sam, all smaller", small, { ...base, preset: "sam", minMaskRegionArea: 4000 }],
    [
      "small regions, sam2",
      small,
      { ...base, minMaskRegionArea: 9, stabilityScoreThresh: 0.3 },
      { model: { kind: "specks" } },
    ],
    [
      "small regions, sam2, stretched, crops",
      { width: 150, height: 110 },
      { ...base, minMaskRegionArea: 5, stabilityScoreThresh: 0.3, cropNLayers: 1, pointsPerSide: 4 },
      { model: { kind: "specks", rule: "stretch" } },
    ],
    ["nothing there", small, base, { model: { kind: "none" } }],
    [
      "nothing there, everything passes",
      small,
      { ...base, predIouThresh: 0, stabilityScoreThresh: 0, pointsPerSide: 2 },
      { model: { kind: "none" } },
    ],
    ["whole picture", small, base, { model: { kind: "flat" } }],
    [
      "whole picture, crops",
      { width: 150, height: 110 },
      { ...base, cropNLayers: 1, pointsPerSide: 3 },
      { model: { kind: "flat" } },
    ],
    ["one pixel", { width: 1, height: 1 }, { ...base, predIouThresh: 0, stabilityScoreThresh: 0 }],
    [
      "one pixel, crops",
      { width: 1, height: 1 },
      { ...base, predIouThresh: 0, stabilityScoreThresh: 0, cropNLayers: 2, pointsPerSide: 2 },
    ],
    ["3 × 200", { width: 3, height: 200 }, { ...base, predIouThresh: 0, stabilityScoreThresh: 0.2 }],
    [
      "3 × 200, crops",
      { width: 3, height: 200 },
      { ...base, predIouThresh: 0, stabilityScoreThresh: 0.2, cropNLayers: 1, pointsPerSide: 4 },
    ],
    ["plane larger than the picture", { width: 20, height: 11 }, base, { model: { side: 64 } }],
  ];
  for (const [name, image, options, contextOptions] of cases) {
    it(name, async () => {
      const masks = await compare(image, options, contextOptions);
      if (!name.startsWith("nothing there")) expect(masks.length).toBeGreaterThan(0);
    });
  }

  it("random parameters", { timeout: 120_000 }, async () => {
    for (let round = 0; round < 30; round++) {
      const pick = <T>(place: number, ...values: readonly T[]): T =>
        values[Math.floor(hash(round, place) * values.length)]!;
      const image = {
        width: 20 + Math.floor(hash(round, 100) * 130),
        height: 20 + Math.floor(hash(round, 101) * 130),
      };
      const options: EverythingOptions = {
        preset: pick(1, "sam", "sam2"),
        pointsPerSide: pick(2, 2, 3, 5),
        pointsPerBatch: pick(3, 1, 3, 64),
        predIouThresh: pick(4, -1, 0, 0.6, 0.75),
        stabilityScoreThresh: pick(5, 0, 0.4, 0.8),
        stabilityScoreOffset: pick(6, 0, 0.5, 1, 2),
        maskThreshold: pick(7, 0, 0, 0.3, -1),
        boxNmsThresh: pick(8, 0, 0.3, 0.7, 1),
        cropNLayers: pick(9, 0, 1, 1, 2),
        cropNmsThresh: pick(10, 0.1, 0.7),
        cropOverlapRatio: pick(11, 0, 512 / 1500, 0.8),
        cropNPointsDownscaleFactor: 1,
        minMaskRegionArea: pick(12, 0, 0, 4, 30, 500),
        useM2m: pick(13, false, false, true),
        multimaskOutput: pick(14, true, true, false),
      };
      const model = {
        seed: round,
        kind: pick(15, "discs", "specks"),
        rule: pick(16, "letterbox", "stretch"),
        side: pick(17, 16, 32),
      } as const;
      await compare(
        image,
        options,
        { model, batchObjects: pick(18, true, false) },
        JSON.stringify({ round, image, options, model }),
      );
    }
  });
});
