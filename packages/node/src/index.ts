export * from "@maskery/core";
export { type CreateSegmenterOptions, createSegmenter } from "./create-segmenter.js";
export { type FoundModel, findModel } from "./find-model.js";
export { createSharpCodec } from "./image/sharp-codec.js";
export { createNodePlatform } from "./platform.js";
export { createOnnxRuntime } from "./runtime/onnx-runtime.js";
export { createFileCacheStore } from "./stores/file-cache-store.js";
export { createFolderModelStore } from "./stores/folder-model-store.js";
