import { describeLayout, sam2SamexporterModel } from "@maskery/core/testing";
import { createNodePlatform } from "../../src/platform.js";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";

const parts = { runtime: () => createOnnxRuntime(), platform: createNodePlatform() };

describeLayout("sam2-samexporter", sam2SamexporterModel(), parts);
describeLayout("sam2-samexporter at 1024", sam2SamexporterModel({ frame: 1024 }), parts);
