import type { Platform } from "../../backend/platform.js";
import { SingleFlight } from "../../cache/single-flight.js";
import { type CallOptions, throwIfAborted, waitUnlessAborted } from "../../cancellation.js";
import { describeValue, MaskeryError } from "../../errors.js";
import type { ModelPlacement } from "../placement.js";
import { Segmenter } from "../segmenter.js";
import { PoolMemory } from "./pool-memory.js";
import {
  devicesOf,
  type ModelSource,
  type PooledModel,
  type PooledModelInfo,
  pooledModel,
  pooledModelInfo,
  settleIdentity,
} from "./pooled-model.js";
import { pooledPlacement } from "./pooled-placement.js";

export interface ModelPoolOptions {
  /** Memory that the loaded models may take together, in bytes as they are estimated. Default: no bound. */
  readonly memoryBudgetBytes?: number;
}

/**
 * Several models in one process. A model is loaded by its first use and, where memory is short, makes room for another when
 * nobody uses it, the longest unused first. Segmenters of the pool outlast that: their next call brings the model back.
 */
export class ModelPool {
  readonly #models: ReadonlyMap<string, PooledModel>;
  readonly #platform: Platform;
  readonly #memory: PoolMemory;
  readonly #flights = new SingleFlight<ModelPlacement>();
  #turn = 0;
  #disposed: Promise<void> | undefined;

  /**
   * Platform packages make pools with `createModelPool`.
   * @param sources - By the ids under which the models are asked for.
   * @throws MaskeryError `INVALID_INPUT` for a budget that is no whole number of bytes.
   */
  constructor(
    sources: Readonly<Record<string, ModelSource>>,
    platform: Platform,
    options: ModelPoolOptions = {},
  ) {
    this.#models = new Map(Object.entries(sources).map(([id, source]) => [id, pooledModel(id, source)]));
    this.#platform = platform;
    this.#memory = new PoolMemory(this.#models, options.memoryBudgetBytes);
  }

  /**
   * Loads a model ahead of its first use; callers who ask meanwhile share the loading.
   * @throws MaskeryError `MODEL_NOT_FOUND` for an id that the pool does not have; `OUT_OF_MEMORY` for a model beyond the whole
   * budget; what loading throws; `ABORTED`, `DISPOSED`.
   */
  async load(id: string, options: CallOptions = {}): Promise<void> {
    await this.#use(this.#find(id), async () => undefined, options);
  }

  /**
   * Frees a model when the calls under way are through. Its segmenter stays usable. Nothing happens where it is not loaded.
   * @throws MaskeryError `MODEL_NOT_FOUND`, `ABORTED`.
   */
  async unload(id: string, options: CallOptions = {}): Promise<void> {
    const model = this.#find(id);
    while (model.uses > 0) await this.#memory.change(options.signal);
    await waitUnlessAborted(this.#memory.free(model), options.signal);
  }

  /** All models, in the order they were given. */
  list(): PooledModelInfo[] {
    return [...this.#models.values()].map(pooledModelInfo);
  }

  /** Memory that the models loaded now, or being loaded, are reckoned with: an estimate, see `PooledModelInfo`. */
  get estimatedBytes(): number {
    return this.#memory.estimatedBytes;
  }

  /**
   * The segmenter of a model: one for each, with caches of its own, which stay when the model is unloaded. Loads the model where
   * it never was.
   * @throws MaskeryError as `load`. Calls of the segmenter throw the same where they bring the model back.
   */
  async segmenter(id: string, options: CallOptions = {}): Promise<Segmenter> {
    const model = this.#find(id);
    this.#throwIfDisposed();
    if (model.segmenter) return model.segmenter;
    return this.#use(model, async (placement) => this.#segmenterOf(model, placement), options);
  }

  /** Frees all models and disposes all segmenters; calls under way reject. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposed ??= (async () => {
      this.#memory.wake();
      const models = [...this.#models.values()];
      await Promise.all(models.map((model) => model.segmenter?.dispose()));
      await Promise.all(models.map((model) => this.#memory.free(model)));
    })();
    return this.#disposed;
  }

  #segmenterOf(model: PooledModel, placement: ModelPlacement): Segmenter {
    if (model.segmenter) return model.segmenter;
    const lasting = pooledPlacement(
      placement,
      () => model.devices!,
      (work, options) => this.#use(model, work, options),
      () => {
        if (model.segmenter === segmenter) model.segmenter = undefined;
      },
    );
    const segmenter = new Segmenter(lasting, this.#platform, model.source.segmenterOptions);
    model.segmenter = segmenter;
    return segmenter;
  }

  /** A model that is used, or waited for, is not unloaded. */
  async #use<Answer>(
    model: PooledModel,
    work: (placement: ModelPlacement) => Promise<Answer>,
    options: CallOptions,
  ): Promise<Answer> {
    this.#throwIfDisposed();
    throwIfAborted(options.signal);
    model.uses++;
    try {
      const placement =
        model.placement ??
        (await this.#flights.run(model.id, (signal) => this.#loadInTurn(model, signal), options));
      this.#throwIfDisposed();
      return await work(placement);
    } finally {
      model.uses--;
      this.#touch(model);
      this.#memory.wake();
    }
  }

  /** A load that was given up may still be ending when the next one begins. */
  #loadInTurn(model: PooledModel, signal: AbortSignal): Promise<ModelPlacement> {
    const earlier = model.loading;
    const loading = (async () => {
      await earlier?.catch(() => undefined);
      return this.#load(model, signal);
    })();
    model.loading = loading;
    return loading;
  }

  async #load(model: PooledModel, signal: AbortSignal): Promise<ModelPlacement> {
    model.status = "loading";
    model.reason = undefined;
    let placement: ModelPlacement | undefined;
    try {
      throwIfAborted(signal);
      await model.unloading;
      const prepared = await model.source.prepare({ signal });
      await this.#memory.makeRoom(model, prepared.estimatedBytes, () => this.#throwIfDisposed(), signal);
      placement = await prepared.load({ signal });
      this.#throwIfDisposed();
      throwIfAborted(signal);
      settleIdentity(model, placement);
    } catch (error) {
      await Promise.allSettled([placement?.encoder.dispose(), placement?.decoder.dispose()]);
      model.estimatedBytes = 0;
      model.status = signal.aborted ? "unloaded" : "failed";
      if (!signal.aborted) model.reason = error instanceof Error ? error.message : String(error);
      this.#memory.wake();
      throw error;
    }
    model.placement = placement;
    model.devices = devicesOf(placement);
    model.status = "ready";
    return placement;
  }

  #touch(model: PooledModel): void {
    model.turn = ++this.#turn;
    if (model.placement) model.lastUsed = Date.now();
  }

  #find(id: string): PooledModel {
    const model = this.#models.get(id);
    if (model) return model;
    const ids = [...this.#models.keys()].map((known) => describeValue(known)).join(", ");
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `model: expected one of ${ids || "none"}, received ${describeValue(id)}`,
      { field: "model" },
    );
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This model pool was disposed.");
  }
}
