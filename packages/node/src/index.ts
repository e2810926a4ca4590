export * from "@maskery/core";
export { catalogue, catalogueAliases, findCatalogueModel } from "@maskery/core/catalogue";
export {
  type CreateModelPoolOptions,
  createModelPool,
  type PooledModelOptions,
} from "./create-model-pool.js";
export { type CreateSegmenterOptions, createSegmenter } from "./create-segmenter.js";
export { type FindModelOptions, type FoundModel, findModel } from "./find-model.js";
export { createSharpCodec } from "./image/sharp-codec.js";
export type { ModelProgress, ModelProgressListener } from "./models/model-progress.js";
export { type CreateModelStoreOptions, createModelStore } from "./models/model-store.js";
export { type PackModelOptions, packModel } from "./models/pack-model.js";
export type { ModelStoreOptions } from "./models/store-settings.js";
export { createNodePlatform, type NodePlatformOptions } from "./platform.js";
export { createOnnxRuntime, type OnnxRuntimeOptions } from "./runtime/onnx-runtime.js";
export { createFileCacheStore, type FileCacheStoreOptions } from "./stores/file-cache-store.js";
export { createFolderModelStore } from "./stores/folder-model-store.js";
