import type { CallOptions } from "../../cancellation.js";
import type { ModelPlacement } from "../placement.js";
import type { Segmenter, SegmenterOptions } from "../segmenter.js";

/** A model whose files are here and whose size is known, not loaded yet. */
export interface PreparedModel {
  /** Memory that it is reckoned with once it is loaded. */
  readonly bytes: number;
  load(options: CallOptions): Promise<ModelPlacement>;
}

/** How a pool gets one of its models. */
export interface ModelSource {
  /** Called before each load; may download. */
  prepare(options: CallOptions): Promise<PreparedModel>;
  /** For the model's segmenter. */
  readonly segmenterOptions?: SegmenterOptions;
}

/** `failed`: the last attempt to load it failed; the next use tries again. */
export type PooledModelStatus = "unloaded" | "loading" | "ready" | "failed";

/** One model of a pool, as it is now. */
export interface PooledModelInfo {
  readonly id: string;
  readonly status: PooledModelStatus;
  /** Where it runs, or ran last. */
  readonly device: string | undefined;
  /** Memory that it is reckoned with while loading or loaded; 0 otherwise. */
  readonly bytes: number;
  /** Calls under way. */
  readonly uses: number;
  /** Milliseconds since 1970 of the end of the last call, or of loading. */
  readonly lastUsed: number | undefined;
  /** Why loading failed. */
  readonly reason: string | undefined;
}

/** What a pool keeps about one model. */
export interface PooledModel {
  readonly id: string;
  readonly source: ModelSource;
  status: PooledModelStatus;
  placement: ModelPlacement | undefined;
  /** The load under way, or the last one. */
  loading: Promise<ModelPlacement> | undefined;
  /** While it is being freed. */
  unloading: Promise<void> | undefined;
  segmenter: Segmenter | undefined;
  fingerprint: string | undefined;
  device: string | undefined;
  bytes: number;
  uses: number;
  lastUsed: number | undefined;
  /** Order of last uses; clocks are too coarse for it. */
  turn: number;
  reason: string | undefined;
}

export function pooledModel(id: string, source: ModelSource): PooledModel {
  return {
    id,
    source,
    status: "unloaded",
    placement: undefined,
    loading: undefined,
    unloading: undefined,
    segmenter: undefined,
    fingerprint: undefined,
    device: undefined,
    bytes: 0,
    uses: 0,
    lastUsed: undefined,
    turn: 0,
    reason: undefined,
  };
}

export function deviceOf({ encoder, decoder }: ModelPlacement): string {
  return encoder.device === decoder.device ? encoder.device : `${encoder.device} + ${decoder.device}`;
}
