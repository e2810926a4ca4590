import { type CallOptions, MaskeryError, type Segmenter, waitUnlessAborted } from "@maskery/core";
import type { Logger } from "../observe/logger.js";

/** A segmenter, or how to get one. */
export type SegmenterSource = Segmenter | (() => Segmenter | Promise<Segmenter>);

export type ModelStatus =
  | { readonly available: true; readonly model: string; readonly device: string }
  | { readonly available: false; readonly reason: string };

/** A health check does not wait for a model that takes its time, or never comes. */
const STATUS_PATIENCE_MS = 2_000;

/** After a failed try, requests within this time get the same answer instead of another try. */
const RETRY_AFTER_MS = 5_000;

/**
 * The segmenter behind the APIs. It is fetched when it is first needed; where it cannot be had, the rest of the
 * application goes on, and later requests try again.
 */
export class ModelAccess {
  readonly #source: SegmenterSource;
  readonly #logger: Logger;
  readonly #now: () => Date;
  #loading: Promise<Segmenter> | undefined;
  #loaded: Segmenter | undefined;
  #failure: { readonly error: unknown; readonly at: number } | undefined;

  constructor(source: SegmenterSource, logger: Logger, now: () => Date) {
    this.#source = source;
    this.#logger = logger;
    this.#now = now;
    if (typeof source !== "function") this.#loaded = source;
  }

  /** @throws MaskeryError `MODEL_UNAVAILABLE` with what went wrong as its cause; `ABORTED`. */
  async get(options: CallOptions = {}): Promise<Segmenter> {
    if (this.#loaded) return this.#loaded;
    if (this.#failure && this.#now().getTime() - this.#failure.at < RETRY_AFTER_MS) throw this.#failure.error;
    this.#loading ??= this.#load();
    return waitUnlessAborted(this.#loading, options.signal);
  }

  /** The segmenter where it was fetched already. */
  get loaded(): Segmenter | undefined {
    return this.#loaded;
  }

  /**
   * Whether the model can be asked now; begins to fetch it when it is not there yet.
   * @param options.patienceMs - Milliseconds to wait for a model that is being fetched. Default 2,000.
   */
  async status(options: CallOptions & { readonly patienceMs?: number } = {}): Promise<ModelStatus> {
    if (this.#loaded) return availableStatus(this.#loaded);
    const { signal, patienceMs = STATUS_PATIENCE_MS } = options;
    const patience = AbortSignal.timeout(patienceMs);
    try {
      const segmenter = await this.get({
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
      });
      return availableStatus(segmenter);
    } catch (error) {
      if (signal?.aborted) throw error;
      if (patience.aborted && this.#loading) return { available: false, reason: "LOADING" };
      return { available: false, reason: MaskeryError.is(error) ? error.code : "INTERNAL" };
    }
  }

  async #load(): Promise<Segmenter> {
    try {
      const source = this.#source as () => Segmenter | Promise<Segmenter>;
      const segmenter = await source();
      this.#loaded = segmenter;
      this.#failure = undefined;
      this.#logger.info({ model: segmenter.model, device: segmenter.device }, "The model is ready.");
      return segmenter;
    } catch (cause) {
      const error = new MaskeryError("MODEL_UNAVAILABLE", "The model cannot be loaded now.", { cause });
      this.#failure = { error, at: this.#now().getTime() };
      this.#logger.warn({ error: cause }, "The model is not available; segmentation is manual only.");
      throw error;
    } finally {
      this.#loading = undefined;
    }
  }
}

/** Where half of the model runs elsewhere, the outside need not know at which address. */
function availableStatus({ model, device }: Segmenter): ModelStatus {
  return { available: true, model, device: device.replaceAll(/ at \S+/g, " (remote)") };
}
