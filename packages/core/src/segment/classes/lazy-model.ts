import { SingleFlight } from "../../cache/single-flight.js";
import type { CallOptions } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";

interface Disposable {
  dispose(): Promise<void>;
}

/** Loads a model. The signal fires when nobody waits for it any more. */
export type ModelLoader<Model> = (options: CallOptions) => Promise<Model>;

/**
 * A model that is loaded by its first use. Uses that overlap share one load; one that fails, or that nobody waits for any more, is
 * forgotten, so that the next use tries again.
 */
export class LazyModel<Model extends Disposable> {
  readonly #load: ModelLoader<Model>;
  readonly #loading = new SingleFlight<Model>();
  #model: Model | undefined;
  #disposed: Promise<void> | undefined;

  constructor(load: ModelLoader<Model>) {
    this.#load = load;
  }

  /** The model, where it is loaded now. */
  get loaded(): Model | undefined {
    return this.#disposed ? undefined : this.#model;
  }

  /** @throws MaskeryError what loading throws; `ABORTED`, `TIMEOUT`, `DISPOSED`. */
  async get(options: CallOptions = {}): Promise<Model> {
    this.#throwIfDisposed();
    if (this.#model) return this.#model;
    return this.#loading.run(
      "model",
      async (signal) => {
        const model = await this.#load({ signal });
        if (this.#disposed || signal.aborted) await model.dispose();
        this.#throwIfDisposed();
        if (!signal.aborted) this.#model = model;
        return model;
      },
      options,
    );
  }

  /** Frees the model if it was loaded; one that is being loaded is freed on arrival. Safe to call twice. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#model?.dispose() ?? Promise.resolve();
    return this.#disposed;
  }

  #throwIfDisposed(): void {
    if (this.#disposed) throw new MaskeryError("DISPOSED", "This model was disposed.");
  }
}
