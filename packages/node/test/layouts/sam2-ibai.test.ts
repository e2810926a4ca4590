import { describeLayout, fourShapes, layoutSegmenter, sam2IbaiModel } from "@maskery/core/testing";
import { expect, test } from "vitest";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam2-ibai", sam2IbaiModel(), parts);

test("sam2-ibai gives planes of the picture's size", async () => {
  const runtime = parts.runtime();
  const segmenter = await layoutSegmenter(sam2IbaiModel(), runtime, parts.platform);
  const { picture, prompts } = fourShapes("size", 150, 90);
  const { best } = await segmenter.segment(picture.image, prompts[0]!.prompt);
  // Height before width in the graph's eighth input; masks would be turned otherwise.
  expect(best.logits).toMatchObject({ width: 150, height: 90 });
  await segmenter.dispose();
  await runtime.dispose();
});
