/** Something that happened in a cache, for logs, metrics and "encoding…" hints. */
export type CacheEvent = {
  readonly cache: "embedding" | "result" | "description";
  readonly key: string;
} & (
  | { readonly type: "hit" /** `memory`, or the name of a store. */; readonly tier: string }
  /** Nobody had it: the model runs now. */
  | { readonly type: "miss" }
  /** The model is through. */
  | { readonly type: "computed"; readonly milliseconds: number }
  | { readonly type: "evicted" }
  /** An entry could not be stored, or not be used: it was broken, or belongs to another model. That counts as a miss. */
  | { readonly type: "unusable"; readonly tier: string; readonly error: unknown }
);

/** Called synchronously. What a listener throws is ignored: watching a cache must not change what it does. */
export type CacheListener = (event: CacheEvent) => void;

export class CacheEvents {
  readonly #listeners = new Set<CacheListener>();

  /** @returns Call it to stop listening. */
  subscribe(listener: CacheListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  emit(event: CacheEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        // See CacheListener.
      }
    }
  }
}
