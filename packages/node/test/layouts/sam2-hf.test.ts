import { describeLayout, fourShapes, layoutSegmenter, sam2HuggingFaceModel } from "@maskery/core/testing";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam2-hf", sam2HuggingFaceModel(), parts);
describeLayout("sam2-hf at 1024", sam2HuggingFaceModel({ sides: { frame: 1024, plane: 256 } }), parts);
describeLayout("sam2-hf: EdgeTAM", sam2HuggingFaceModel({ family: "edgetam" }), parts);
describeLayout("sam2-hf: SAM3's tracker", sam2HuggingFaceModel({ family: "sam3-tracker" }), parts);
describeLayout(
  "sam2-hf: SAM3's tracker at 1008",
  sam2HuggingFaceModel({ family: "sam3-tracker", sides: { frame: 1008, plane: 288 } }),
  parts,
);

test("sam2-hf scores low where the graph finds no object", async () => {
  const runtime = parts.runtime();
  const segmenter = await layoutSegmenter(sam2HuggingFaceModel(), runtime, parts.platform);
  const { picture, prompts } = fourShapes("absent", 200, 160);
  const [onRed] = prompts[0]!.prompt.points!;
  const session = await segmenter.open(picture.image);
  // The same colour wanted and unwanted: nothing is left.
  const contradiction = [onRed!, { ...onRed!, label: 0 } as const];
  const [present, absent] = await session.segmentMany([[onRed!], contradiction]);
  expect(present!.best.score).toBeGreaterThan(0.9);
  for (const { score } of absent!.masks) expect(score).toBeLessThan(0.5);
  // Candidates keep their order, and the best is what the planes say: empty.
  expect(absent!.best.isEmpty).toBe(true);
  await session.dispose();
  await segmenter.dispose();
  await runtime.dispose();
});
