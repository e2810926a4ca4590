export type { ContractSuiteOptions, KnownGaps } from "./contract-suite.js";
export { type CacheStoreDuty, type CacheStoreSettings, describeCacheStore } from "./describe-cache-store.js";
export { describeImageCodec, type ImageCodecDuty } from "./describe-image-codec.js";
export { describeRuntime, type RuntimeDuty, type RuntimeSuiteOptions } from "./describe-runtime.js";
