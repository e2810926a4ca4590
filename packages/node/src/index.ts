export * from "@maskery/core";
export { type CreateSegmenterOptions, createSegmenter } from "./create-segmenter.js";
export { type FoundModel, findModel } from "./find-model.js";
export { createSharpCodec } from "./image/sharp-codec.js";
export { createNodePlatform, type NodePlatformOptions } from "./platform.js";
export { createOnnxRuntime, type OnnxRuntimeOptions } from "./runtime/onnx-runtime.js";
export { createFileCacheStore, type FileCacheStoreOptions } from "./stores/file-cache-store.js";
export { createFolderModelStore } from "./stores/folder-model-store.js";
