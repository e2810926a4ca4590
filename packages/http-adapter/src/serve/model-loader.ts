import type { CallOptions, Segmenter } from "@maskery/core";

/** Loads a model once; after a failure the next call tries again. */
export class ModelLoader {
  readonly #create: (options: CallOptions) => Promise<Segmenter>;
  readonly #closing = new AbortController();
  #loading: Promise<Segmenter> | undefined;

  /** @param create - Its signal fires when the loader is disposed. */
  constructor(create: (options: CallOptions) => Promise<Segmenter>) {
    this.#create = create;
  }

  readonly get = (): Promise<Segmenter> => {
    if (!this.#loading) {
      const loading = this.#create({ signal: this.#closing.signal });
      this.#loading = loading;
      loading.catch(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
    }
    return this.#loading;
  };

  /** Stops a model that is being loaded, and frees one that was. */
  async dispose(): Promise<void> {
    this.#closing.abort();
    const segmenter = await this.#loading?.catch(() => undefined);
    await segmenter?.dispose();
  }
}
