import { describeLayout, sam1HuggingFaceModel } from "@maskery/core/testing";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam1-hf", sam1HuggingFaceModel(), parts);
describeLayout("sam1-hf at 1024", sam1HuggingFaceModel({ frame: 1024 }), parts);
describeLayout("sam1-hf without labels", sam1HuggingFaceModel({ prompts: "foreground" }), parts);
describeLayout("sam1-hf with boxes", sam1HuggingFaceModel({ prompts: "boxes" }), parts);
describeLayout(
  "sam1-hf with points and boxes",
  sam1HuggingFaceModel({ frame: 512, prompts: "points-and-boxes" }),
  parts,
);
