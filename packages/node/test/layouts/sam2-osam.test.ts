import { describeLayout, sam2OsamModel } from "@maskery/core/testing";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

describeLayout("sam2-osam", sam2OsamModel(), {
  runtime: () => createOnnxRuntime(),
  platform: createNodePlatform(),
});
