import { SingleFlight } from "../../cache/single-flight.js";
import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import type { RememberedResult, ResultCache } from "../result-cache.js";

/** Told how far the work is, 0..1. */
export type ProgressListener = (fraction: number) => void;

export interface AnswerOptions extends CallOptions {
  readonly onProgress?: ProgressListener | undefined;
}

/** An answer just made. */
export interface MadeAnswer {
  readonly result: RememberedResult;
  /** False for one that was cut short: it is given out and not remembered. */
  readonly isComplete: boolean;
}

export interface RememberedAnswer extends MadeAnswer {
  /** False where a model ran for this call, or for another that it shared. */
  readonly cached: boolean;
}

type MakeAnswer = (options: {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ProgressListener;
}) => Promise<MadeAnswer>;

/**
 * Answers of models that take no prompts, in the cache of results. Callers with the same question at the same time share one run,
 * and each of them is told how far it is.
 */
export class RememberedAnswers {
  readonly #results: ResultCache;
  readonly #flights = new SingleFlight<MadeAnswer>();
  readonly #listeners = new Map<string, Set<ProgressListener>>();

  constructor(results: ResultCache) {
    this.#results = results;
  }

  /**
   * What is remembered under a key, or else is made now and remembered. A failed answer is forgotten.
   * @param key - Undefined: nothing is remembered.
   * @param settings.alone - Whether the answer must not be shared with others while it is made. Default false.
   * @throws MaskeryError what `make` throws, `ABORTED`, `TIMEOUT`.
   */
  async answer(
    key: string | undefined,
    { signal, onProgress }: AnswerOptions,
    make: MakeAnswer,
    { alone = false }: { readonly alone?: boolean } = {},
  ): Promise<RememberedAnswer> {
    throwIfAborted(signal);
    const known = key !== undefined && this.#results.enabled ? this.#results.get(key) : undefined;
    if (known) {
      onProgress?.(1);
      return { result: known, isComplete: true, cached: true };
    }
    if (key !== undefined && !alone) return this.#share(key, { signal, onProgress }, make);
    const made = await make({ signal, onProgress: (fraction) => onProgress?.(fraction) });
    if (key !== undefined) this.#keep(key, made);
    return { ...made, cached: false };
  }

  async #share(
    key: string,
    { signal, onProgress }: AnswerOptions,
    make: MakeAnswer,
  ): Promise<RememberedAnswer> {
    const leave = this.#listen(key, onProgress);
    try {
      const made = await this.#flights.run(
        key,
        async (flight) => {
          const answer = await make({ signal: flight, onProgress: (fraction) => this.#tell(key, fraction) });
          this.#keep(key, answer);
          return answer;
        },
        { signal },
      );
      return { ...made, cached: false };
    } finally {
      leave();
    }
  }

  #keep(key: string, { result, isComplete }: MadeAnswer): void {
    if (isComplete) this.#results.set(key, result);
  }

  #listen(key: string, listener: ProgressListener | undefined): () => void {
    if (!listener) return () => undefined;
    // One for each call, though two calls may bring the same function.
    const own: ProgressListener = (fraction) => listener(fraction);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key);
    };
  }

  #tell(key: string, fraction: number): void {
    for (const listener of this.#listeners.get(key) ?? []) {
      try {
        listener(fraction);
      } catch {
        // Others wait for the same answer: what one of them throws must not spoil it.
      }
    }
  }
}
