export { maskRcnnModel } from "./class-graphs/box-mask-graphs.js";
export {
  classPictures,
  type MeasuredClass,
  type MeasuredClasses,
  measureClasses,
  smallClassPictures,
} from "./class-graphs/class-harness.js";
export {
  type ClassGraphModel,
  type ForegroundGraphModel,
  oneGraphStore,
} from "./class-graphs/class-model.js";
export { segformerModel, torchvisionModel, unetModel } from "./class-graphs/class-plane-graphs.js";
export { type ClassSuiteParts, describeClasses } from "./class-graphs/describe-classes.js";
export { describeForeground } from "./class-graphs/describe-foreground.js";
export { biRefNetModel, isNetModel, rmbgModel, u2netModel } from "./class-graphs/foreground-graphs.js";
export { yoloModel } from "./class-graphs/prototype-mask-graphs.js";
export { detrPanopticModel, maskFormerModel } from "./class-graphs/query-mask-graphs.js";
export type { ContractSuiteOptions, KnownGaps } from "./contract-suite.js";
export { type CacheStoreDuty, type CacheStoreSettings, describeCacheStore } from "./describe-cache-store.js";
export { type DescriberDuty, describeDescriber } from "./describe-describer.js";
export { describeImageCodec, type ImageCodecDuty } from "./describe-image-codec.js";
export { describeRuntime, type RuntimeDuty, type RuntimeSuiteOptions } from "./describe-runtime.js";
export { describeLayout, type LayoutSuiteParts, LEAST_LAYOUT_IOU } from "./layout-graphs/describe-layout.js";
export { type DrawnPicture, drawScene } from "./layout-graphs/drawn-pictures.js";
export { type EfficientSamModelOptions, efficientSamModel } from "./layout-graphs/efficientsam-graphs.js";
export {
  fourShapes,
  layoutPictures,
  oneBlock,
  type PictureCase,
  type PromptCase,
} from "./layout-graphs/layout-cases.js";
export {
  layoutModelStore,
  layoutSegmenter,
  type MeasuredAnswer,
  measurePicture,
} from "./layout-graphs/layout-harness.js";
export { type LayoutModel, layoutSpec } from "./layout-graphs/layout-model.js";
export {
  type Sam1Decoder,
  type Sam1ModelOptions,
  sam1Model,
  sam1PreprocessModel,
} from "./layout-graphs/sam1-graphs.js";
export {
  type Sam1HuggingFaceModelOptions,
  type Sam1HuggingFacePrompts,
  sam1HuggingFaceModel,
} from "./layout-graphs/sam1-hf-graphs.js";
export {
  type Sam2ModelOptions,
  type Sam2SamexporterModelOptions,
  sam2IbaiModel,
  sam2OsamModel,
  sam2SamexporterModel,
} from "./layout-graphs/sam2-graphs.js";
export {
  type Sam2HuggingFaceFamily,
  type Sam2HuggingFaceModelOptions,
  sam2HuggingFaceModel,
} from "./layout-graphs/sam2-hf-graphs.js";
export {
  edgeSamModel,
  efficientVitSamModel,
  type SingleEmbeddingModelOptions,
} from "./layout-graphs/single-embedding-graphs.js";
