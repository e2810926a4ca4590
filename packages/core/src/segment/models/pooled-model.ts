import type { CallOptions } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import type { Encoder, ModelPlacement } from "../placement.js";
import type { Segmenter, SegmenterOptions } from "../segmenter.js";

/** A model whose files are here and whose size is known, not loaded yet. */
export interface PreparedModel {
  /** Memory that it is reckoned with once it is loaded. */
  readonly estimatedBytes: number;
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
  /**
   * Memory that it is reckoned with while loading or loaded; 0 otherwise. An estimate, from the files of weights: nobody can tell
   * what a model inside a process really takes.
   */
  readonly estimatedBytes: number;
  /** Calls under way. */
  readonly uses: number;
  /** Milliseconds since 1970 of the end of the last call, or of loading. */
  readonly lastUsed: number | undefined;
  /** Why loading failed. */
  readonly reason: string | undefined;
}

/** Where one half of a model runs, and how it came to be there. */
export type PlacedHalf = Pick<Encoder, "device" | "deviceReport">;

export interface PlacedDevices {
  readonly encoder: PlacedHalf;
  readonly decoder: PlacedHalf;
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
  /** Of the last time that it was loaded. */
  devices: PlacedDevices | undefined;
  estimatedBytes: number;
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
    devices: undefined,
    estimatedBytes: 0,
    uses: 0,
    lastUsed: undefined,
    turn: 0,
    reason: undefined,
  };
}

export function pooledModelInfo(model: PooledModel): PooledModelInfo {
  const { id, status, devices, estimatedBytes, uses, lastUsed, reason } = model;
  return { id, status, device: devices && describeDevices(devices), estimatedBytes, uses, lastUsed, reason };
}

/** What there is to know about where a model runs, without the model. */
export function devicesOf({ encoder, decoder }: ModelPlacement): PlacedDevices {
  const facts = ({ device, deviceReport }: PlacedHalf): PlacedHalf => ({ device, deviceReport });
  return { encoder: facts(encoder), decoder: facts(decoder) };
}

function describeDevices({ encoder, decoder }: PlacedDevices): string {
  return encoder.device === decoder.device ? encoder.device : `${encoder.device} + ${decoder.device}`;
}

/**
 * Cached work and open sessions belong to the model as it was.
 * @throws MaskeryError `CONFLICT` for a model that is another one than the first time.
 */
export function settleIdentity(model: PooledModel, { encoder }: ModelPlacement): void {
  model.fingerprint ??= encoder.modelFingerprint;
  if (model.fingerprint === encoder.modelFingerprint) return;
  throw new MaskeryError(
    "CONFLICT",
    `${model.id}: expected the model as it was loaded before, with the fingerprint ${model.fingerprint}, received ` +
      encoder.modelFingerprint,
  );
}
