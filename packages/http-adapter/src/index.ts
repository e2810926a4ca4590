export { statusOfCode } from "@maskery/core";
export type { ApiModule } from "./apis/api-module.js";
export type { ApiPlace, ChosenApis } from "./apis/choose-apis.js";
export type { ClinicalOptions } from "./apis/clinical/clinical-api.js";
export type { DemoOptions } from "./apis/demo/demo-api.js";
export type { PainterOptions } from "./apis/painter/painter-api.js";
export type { PlacementOptions } from "./apis/placement/placement-api.js";
export {
  type AnsweredRoute,
  createSegmentationApi,
  type FetchOptions,
  type SegmentationApi,
  type SegmentationApiOptions,
} from "./create-segmentation-api.js";
export type { CorsOptions } from "./guards/cors.js";
export type { WorkSlotsOptions } from "./guards/work-slots.js";
export type { StatusOverrides } from "./http/status-overrides.js";
export { type Logger, silentLogger } from "./observe/logger.js";
export type { DescriptionsOptions } from "./service/descriptions.js";
export type { ModelStatus, SegmenterSource } from "./service/model-access.js";
export { type RemoteState, type RemoteStatus, remoteEncoderStatus } from "./service/remote-health.js";
export type { ApiLimits, ObjectStores } from "./service/services.js";
export { createFileObjectStore, type FileObjectStoreOptions } from "./stores/file-object-store.js";
export { createFileSessionStore, type FileSessionStoreOptions } from "./stores/file-session-store.js";
export { createMemoryObjectStore, type MemoryObjectStoreOptions } from "./stores/memory-object-store.js";
export { createMemorySessionStore } from "./stores/memory-session-store.js";
export type { ObjectInfo, ObjectStore, StoredObject } from "./stores/object-store.js";
export type { Json, SessionRecord, SessionStore } from "./stores/session-store.js";
