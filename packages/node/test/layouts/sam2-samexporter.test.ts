import { describeLayout, sam2SamexporterModel } from "@maskery/core/testing";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam2-samexporter", sam2SamexporterModel(), parts);
describeLayout("sam2-samexporter at 1024", sam2SamexporterModel({ frame: 1024 }), parts);
// As they are published: onnxruntime refuses such an encoder unless it is mended.
describeLayout("sam2-samexporter, values of no type", sam2SamexporterModel({ untypedLevels: true }), parts);
