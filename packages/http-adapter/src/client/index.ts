export { ClinicalClient } from "./clinical-client.js";
export {
  type ClientOptions,
  createSegmentationClient,
  type SegmentationClient,
} from "./create-segmentation-client.js";
export { DemoClient, type DemoProgress, type SegmentOptions, type WaitOptions } from "./demo-client.js";
export { PainterClient } from "./painter-client.js";
export type { RequestOptions } from "./transport.js";
export type { UploadFile, UploadOptions, UploadProgress } from "./upload-body.js";
export type * from "./wire-types.js";
