export type { CacheSetOptions, CacheStats, CacheStore } from "./backend/cache-store.js";
export {
  defaultImageLimits,
  type ImageCodec,
  type ImageDecodeOptions,
  type ImageEncodeOptions,
  type ImageInfo,
  type ImageLimits,
} from "./backend/image-codec.js";
export type { ModelFetchOptions, ModelFile, ModelStore } from "./backend/model-store.js";
export type { ImageOutput, Platform } from "./backend/platform.js";
export type {
  FileLocation,
  Graph,
  GraphFiles,
  GraphLoadOptions,
  GraphRunOptions,
  Runtime,
  RuntimeDevice,
} from "./backend/runtime.js";
export {
  float32Tensor,
  type NamedTensors,
  type Tensor,
  type TensorDataByType,
  type TensorInfo,
  type TensorOf,
  type TensorType,
} from "./backend/tensor.js";
export type { CacheEvent, CacheListener } from "./cache/cache-events.js";
export { createMemoryCacheStore, type MemoryCacheStoreOptions } from "./cache/memory-cache-store.js";
export { abortError, type CallOptions, throwIfAborted, waitUnlessAborted } from "./cancellation.js";
export {
  describeValue,
  invalidInput,
  MaskeryError,
  type MaskeryErrorCode,
  type MaskeryErrorOptions,
  maskeryErrorCodes,
} from "./errors.js";
export { type ImageFormat, imageFormats, sniffImageFormat } from "./image/image-format.js";
export type { ImageSource } from "./image/image-source.js";
export { formatFromPath } from "./image/format-from-path.js";
export { Picture, type PictureFileOptions } from "./image/picture.js";
export { checkRgbaImage, type GrayImage, type ImageSize, isRgbaImage, type RgbaImage } from "./image/rgba-image.js";
export type { CocoRle, UncompressedRle } from "./mask/coco-rle.js";
export type { LogitsPlane } from "./mask/logits-plane.js";
export { Mask, type MaskDetails } from "./mask/mask.js";
export type { BoundingBox } from "./mask/runs.js";
export type { DecodedObject, PromptAbilities } from "./model/layout.js";
export { type ModelSpec, modelFingerprint, parseModelSpec } from "./model/model-spec.js";
export type {
  Box,
  BoxInput,
  CoordinateUnits,
  Point,
  PointInput,
  Prompt,
  PromptInput,
  PromptObject,
} from "./prompt/prompt.js";
export type { Embedding } from "./segment/embedding.js";
export type { EmbeddingCacheOptions, EmbeddingCacheStats } from "./segment/embedding-cache.js";
export {
  EMBEDDING_FORMAT_VERSION,
  EMBEDDING_MEDIA_TYPE,
  type EmbeddingPrecision,
  readEmbedding,
  writeEmbedding,
} from "./segment/embedding-format.js";
export { MaskCollection, type StoredMask } from "./segment/mask-collection.js";
export { placeModelLocally } from "./segment/local-placement.js";
export type { Decoder, Encoder, ModelPlacement } from "./segment/placement.js";
export type { ResultCacheOptions, ResultCacheStats } from "./segment/result-cache.js";
export type { SegmentResult, SegmentTimings } from "./segment/segment-result.js";
export { Segmenter, type SegmenterCacheStats, type SegmenterOptions } from "./segment/segmenter.js";
export { PromptHistory, type PromptStep } from "./segment/prompt-history.js";
export { Session, type SessionSegmentOptions } from "./segment/session.js";
export { SESSION_DOCUMENT_VERSION, type SessionDocument } from "./segment/session-document.js";
