export type { CacheSetOptions, CacheStats, CacheStore } from "./backend/cache-store.js";
export { fromFloat16Bits, toFloat16Bits } from "./backend/float16.js";
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
  ChosenDevice,
  DeviceChoiceOptions,
  DeviceReport,
  DeviceTrial,
  FileLocation,
  Graph,
  GraphFiles,
  GraphLoadOptions,
  GraphRunOptions,
  Runtime,
  RuntimeDevice,
  Workload,
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
export { SingleFlight } from "./cache/single-flight.js";
export { abortError, type CallOptions, throwIfAborted, waitUnlessAborted } from "./cancellation.js";
export { checkDescribed } from "./describe/check-described.js";
export type { DescribedMask, Describer, Description } from "./describe/describer.js";
export type {
  CachedDescription,
  DescriptionCacheOptions,
  DescriptionCacheStats,
} from "./describe/description-cache.js";
export { createLocalDescriber, type LocalDescriberOptions } from "./describe/local-describer.js";
export {
  describeValue,
  invalidInput,
  MaskeryError,
  type MaskeryErrorCode,
  type MaskeryErrorOptions,
  maskeryErrorCodes,
} from "./errors.js";
export { formatFromPath } from "./image/format-from-path.js";
export { type ImageFormat, imageFormats, sniffImageFormat } from "./image/image-format.js";
export type { ImageSource } from "./image/image-source.js";
export { Picture, type PictureFileOptions } from "./image/picture.js";
export {
  checkRgbaImage,
  type GrayImage,
  type ImageSize,
  isRgbaImage,
  type RgbaImage,
} from "./image/rgba-image.js";
export {
  type AlphaMatte,
  alphaFromLogits,
  alphaFromMask,
  DEFAULT_LOGIT_SHARPNESS,
  decontaminate,
  featherAlpha,
} from "./mask/alpha.js";
export type { CocoRle, UncompressedRle } from "./mask/coco-rle.js";
export type { Connectivity } from "./mask/components.js";
export type { DistanceTransformOptions } from "./mask/distance-plane.js";
export {
  type CocoAnnotation,
  type CocoAnnotationOptions,
  type CocoPolygons,
  type CocoSegmentation,
  type CocoSegmentationOptions,
  cocoAnnotationFromMask,
  cocoSegmentationFromMask,
} from "./mask/format/coco-annotation.js";
export {
  type CocoCategory,
  CocoDataset,
  type CocoDatasetJson,
  type CocoImage,
  type CocoImageInput,
  type CocoInfo,
  type CocoLicense,
  type CocoMaskInput,
} from "./mask/format/coco-dataset.js";
export { maskContentId } from "./mask/format/content-id.js";
export {
  type LabelledMask,
  type LabelMap,
  labelMapFromImage,
  labelMapFromMasks,
  labelMapImage,
  masksFromLabelMap,
} from "./mask/format/label-map.js";
export type { MaskFileOptions } from "./mask/format/mask-file.js";
export { maskFromCoco } from "./mask/format/read-coco-segmentation.js";
export { maskFromGeoJson, type ReadGeoJsonOptions } from "./mask/format/read-geojson.js";
export {
  type MaskChannel,
  type MaskFromImageOptions,
  maskFromEncoded,
  maskFromImage,
} from "./mask/format/read-mask-image.js";
export { gunzipMask, unpackMask } from "./mask/format/read-packed-mask.js";
export { maskFromSvgPath } from "./mask/format/read-svg-path.js";
export {
  type GeoJsonFeature,
  type GeoJsonFeatureOptions,
  type GeoJsonMultiPolygon,
  type GeoJsonOptions,
  type GeoJsonPolygon,
  type GeoJsonPosition,
  geoJsonFromMask,
  geoJsonGeometryFromMask,
} from "./mask/format/write-geojson.js";
export { maskToPng, maskToWebp } from "./mask/format/write-mask-image.js";
export { gzipMask, packMask } from "./mask/format/write-packed-mask.js";
export {
  type SvgOptions,
  type SvgPathOptions,
  svgFromMask,
  svgPathFromMask,
} from "./mask/format/write-svg-path.js";
export { masksFromYolo, type YoloObject, type YoloOptions, yoloFromMasks } from "./mask/format/yolo.js";
export type { LogitsPlane } from "./mask/logits-plane.js";
export { type ContourOptions, Mask, type MaskDetails } from "./mask/mask.js";
export { mapRings, type Polygon, type Ring, signedRingArea, type Vertex } from "./mask/polygon.js";
export type { FillRule, PolygonInput } from "./mask/rasterize-polygons.js";
export type { PixelArea, PixelLength, RefineOptions } from "./mask/refine/refine-options.js";
export { type MaskOperation, maskOperations } from "./mask/run-algebra.js";
export type { BoundingBox } from "./mask/runs.js";
export { simplifyPolygons, simplifyRing } from "./mask/simplify-polygons.js";
export { smoothPolygons, smoothRing } from "./mask/smooth-polygons.js";
export { type ChoosePrecisionOptions, choosePrecision, type ModelGraphs } from "./model/choose-precision.js";
export type { ClassModel, FindClassesOptions, FoundClass } from "./model/classes/class-model.js";
export type { FindForegroundOptions, ForegroundModel } from "./model/foreground/foreground-model.js";
export type { DecodedObject, PromptAbilities } from "./model/layout.js";
export { type LicenseTerms, requireAcceptedLicense } from "./model/license-terms.js";
export { type GraphFile, modelFiles } from "./model/model-files.js";
export { type ModelSpec, modelFingerprint, parseModelSpec } from "./model/model-spec.js";
export { type Precision, type PrecisionChoice, precisions } from "./model/precision.js";
export { type BlendMode, blendModes } from "./paint/blend-modes.js";
export { formatColor, parseColor, type Rgba } from "./paint/color.js";
export { type ContactSheetOptions, contactSheet } from "./paint/contact-sheet.js";
export { cutout } from "./paint/cutout.js";
export type {
  CutoutBlurBackground,
  CutoutImageBackground,
  CutoutOptions,
  CutoutOutline,
  CutoutShadow,
} from "./paint/cutout-options.js";
export {
  type BlurOptions,
  blurBackground,
  blurRegion,
  type DesaturateOptions,
  desaturateBackground,
  type PixelateOptions,
  pixelate,
} from "./paint/effects.js";
export { type ExtractedObject, type ExtractOptions, extractObjects } from "./paint/extract-objects.js";
export type { Gradient, GradientStop, LinearGradient, RadialGradient } from "./paint/gradient.js";
export { type HighlightOptions, highlight } from "./paint/highlight.js";
export { type LabelPictureOptions, labelMapPicture } from "./paint/label-picture.js";
export { type OverlayOptions, overlay } from "./paint/overlay.js";
export { paint } from "./paint/paint.js";
export type { PaintLayer, Pattern } from "./paint/paint-layer.js";
export { Painter } from "./paint/painter.js";
export { defaultPalette } from "./paint/palette.js";
export {
  applyRecipe,
  layersFromRecipe,
  type RecipeReferences,
  type RecipeResolvers,
  recipeFromLayers,
} from "./paint/recipe.js";
export {
  type PaintRecipe,
  parseRecipe,
  RECIPE_VERSION,
  type RecipeLayer,
  type RecipeMask,
} from "./paint/recipe-schema.js";
export { type ProblemDetails, problemDetails, statusOfCode } from "./problem-details.js";
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
export { schemaError } from "./schema-error.js";
export type { ClassesOptions, ClassesResult, ClassSegment } from "./segment/classes/find-classes.js";
export type { ForegroundOptions, ForegroundResult } from "./segment/classes/find-foreground.js";
export type { ModelLoader } from "./segment/classes/lazy-model.js";
export type { DeviceChoice, ModelDeviceReport } from "./segment/device-choice.js";
export type { Embedding } from "./segment/embedding.js";
export type { EmbeddingCacheOptions, EmbeddingCacheStats } from "./segment/embedding-cache.js";
export {
  EMBEDDING_FORMAT_VERSION,
  EMBEDDING_MEDIA_TYPE,
  type EmbeddingPrecision,
  readEmbedding,
  writeEmbedding,
} from "./segment/embedding-format.js";
export { type CandidateFilterOptions, Candidates } from "./segment/everything/candidates.js";
export type { EverythingRun } from "./segment/everything/everything.js";
export { FoundMask, type ReferenceRecord, type Segmentation } from "./segment/everything/found-mask.js";
export type {
  EverythingOptions,
  EverythingPreset,
  EverythingProgress,
  GridPoint,
  OutputMode,
} from "./segment/everything/options.js";
export { resolveEverythingOptions } from "./segment/everything/options.js";
export type { TileOptions } from "./segment/everything/tiles/tile-options.js";
export type { FocusOption, FocusPadding } from "./segment/focus/focus-options.js";
export { type PlaceModelOptions, placeModelLocally } from "./segment/local-placement.js";
export { MaskCollection, type StoredMask } from "./segment/mask-collection.js";
export { ModelPool, type ModelPoolOptions } from "./segment/models/model-pool.js";
export type {
  ModelSource,
  PooledModelInfo,
  PooledModelStatus,
  PreparedModel,
} from "./segment/models/pooled-model.js";
export type { Decoder, Encoder, ModelPlacement } from "./segment/placement.js";
export { PromptHistory, type PromptStep } from "./segment/prompt-history.js";
export {
  type FallbackCandidate,
  type FirstWorkingOptions,
  firstWorking,
  firstWorkingDecoder,
  firstWorkingEncoder,
} from "./segment/remote/first-working.js";
export { localDecoder, localEncoder } from "./segment/remote/local-half.js";
export { type PlacementHandlerOptions, placementHandler } from "./segment/remote/placement-handler.js";
export { placementHealth } from "./segment/remote/placement-health.js";
export {
  type PlacementRoutes,
  type PlacementRoutesOptions,
  placementRoutes,
} from "./segment/remote/placement-routes.js";
export {
  EMBEDDING_HEADER,
  MODEL_HEADER,
  PIXELS_MEDIA_TYPE,
  PLACEMENT_PROTOCOL_VERSION,
  PLANES_MEDIA_TYPE,
  type PlacementHealth,
  PRECISION_HEADER,
  PROMPTS_MEDIA_TYPE,
  PROTOCOL_HEADER,
  placementHealthSchema,
  type ServedPlacement,
} from "./segment/remote/protocol.js";
export { type RemoteDecoder, remoteDecoder } from "./segment/remote/remote-decoder.js";
export { type RemoteEncoder, remoteEncoder } from "./segment/remote/remote-encoder.js";
export type { RemoteHalf } from "./segment/remote/remote-half.js";
export {
  FALLBACK_HERE,
  type LocalModel,
  placeRemoteHalves,
  type RemoteHalves,
} from "./segment/remote/remote-halves.js";
export type { RemoteHeaders, RemoteOptions } from "./segment/remote/remote-options.js";
export { remotePlacement } from "./segment/remote/remote-placement.js";
export type { ResultCacheOptions, ResultCacheStats } from "./segment/result-cache.js";
export type { SegmentResult, SegmentTimings } from "./segment/segment-result.js";
export { Segmenter, type SegmenterCacheStats, type SegmenterOptions } from "./segment/segmenter.js";
export {
  type SegmentOptions,
  Session,
  type SessionDescribeOptions,
  type SessionSegmentOptions,
} from "./segment/session.js";
export { SESSION_DOCUMENT_VERSION, type SessionDocument } from "./segment/session-document.js";
export { warmUp } from "./segment/warm-up.js";
