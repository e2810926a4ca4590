import { abortError, throwIfAborted } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import type { Candidates } from "./candidates.js";
import type { EverythingContext } from "./everything-context.js";
import { type EverythingResult, findEverything } from "./find-everything.js";
import type { FoundMask } from "./found-mask.js";
import { type EverythingOptions, resolveEverythingOptions } from "./options.js";

/**
 * An automatic run. It starts at the first pull and works only as fast as it is read, with a few batches ahead. Iterating
 * streams masks as they are found; `toArray` and `candidates` run to the end and may be called before, after or while
 * iterating. Everything is worked out once, whoever asks.
 */
export interface EverythingRun extends AsyncIterable<FoundMask> {
  /**
   * Masks as soon as they are worth showing. A mask whose `replaces` names earlier ids takes their place; what is shown
   * after the last one is exactly what `toArray` gives. Leaving the loop stops the work, unless somebody else still waits
   * for it. Every iterator begins with the first mask.
   */
  [Symbol.asyncIterator](): AsyncIterator<FoundMask, undefined>;
  /**
   * The final masks in the reference's order: best predicted IoU first, with crops those of smaller crops first.
   * @throws MaskeryError `ABORTED`, `TIMEOUT`, `UNSUPPORTED_PROMPT`, `INFERENCE_FAILED`, `DISPOSED`.
   */
  toArray(): Promise<FoundMask[]>;
  /** What the model said, for other thresholds without another run. Throws as `toArray`. */
  candidates(): Promise<Candidates>;
  /** Whether the run is over and asked every point; false while it goes on, and where `finishSignal` ended it early. */
  readonly isComplete: boolean;
}

/**
 * Finds every object of a picture: SAM's and SAM2's automatic mask generators.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, `UNSUPPORTED_PROMPT` when the model cannot be asked so.
 */
export function runEverything(context: EverythingContext, options: EverythingOptions = {}): EverythingRun {
  const resolved = resolveEverythingOptions(
    options,
    context.defaultPreset ?? "sam2",
    context.modelThresholds,
  );
  if (resolved.useM2m && !context.decoder.abilities.maskInput) {
    throw new MaskeryError("UNSUPPORTED_PROMPT", "useM2m: this model does not take earlier masks.", {
      field: "useM2m",
    });
  }
  return new SharedRun(options.signal, (signal) =>
    findEverything(context, resolved, signal, options.onProgress, options.finishSignal),
  );
}

/** One piece of work with any number of readers: each sees all masks from the first on, and any of them drives it. */
class SharedRun implements EverythingRun {
  readonly #outerSignal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #begin: (signal: AbortSignal) => AsyncGenerator<FoundMask, EverythingResult, undefined>;
  readonly #masks: FoundMask[] = [];
  readonly #onAbort = () => this.#controller.abort(this.#outerSignal?.reason);
  #work: AsyncGenerator<FoundMask, EverythingResult, undefined> | undefined;
  #step: Promise<void> | undefined;
  #readers = 0;
  #result: EverythingResult | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    signal: AbortSignal | undefined,
    begin: (signal: AbortSignal) => AsyncGenerator<FoundMask, EverythingResult, undefined>,
  ) {
    this.#outerSignal = signal;
    this.#begin = begin;
  }

  [Symbol.asyncIterator](): AsyncIterator<FoundMask, undefined> {
    let next = 0;
    let reading = false;
    let left = false;
    const leave = () => {
      if (reading) this.#readers--;
      reading = false;
      left = true;
    };
    return {
      next: async () => {
        if (left) return { done: true, value: undefined };
        if (!reading) this.#readers++;
        reading = true;
        try {
          while (next === this.#masks.length && !this.#result) await this.#advance();
        } catch (error) {
          leave();
          throw error;
        }
        if (next < this.#masks.length) return { done: false, value: this.#masks[next++]! };
        leave();
        return { done: true, value: undefined };
      },
      return: async () => {
        leave();
        if (this.#readers === 0) await this.#stop();
        return { done: true, value: undefined };
      },
    };
  }

  async toArray(): Promise<FoundMask[]> {
    return [...(await this.#finish()).masks];
  }

  async candidates(): Promise<Candidates> {
    return (await this.#finish()).candidates;
  }

  get isComplete(): boolean {
    return this.#result?.isComplete ?? false;
  }

  async #finish(): Promise<EverythingResult> {
    this.#readers++;
    try {
      while (!this.#result) await this.#advance();
      return this.#result;
    } finally {
      this.#readers--;
    }
  }

  /** Takes the work one mask further, or to its end. Callers share the step under way. */
  #advance(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure.error as Error);
    this.#step ??= this.#takeStep().finally(() => {
      this.#step = undefined;
    });
    return this.#step;
  }

  async #takeStep(): Promise<void> {
    const { signal } = this.#controller;
    try {
      if (!this.#work) {
        throwIfAborted(this.#outerSignal);
        this.#outerSignal?.addEventListener("abort", this.#onAbort, { once: true });
        this.#work = this.#begin(signal);
      }
      throwIfAborted(signal);
      const { done, value } = await this.#work.next();
      if (!done) this.#masks.push(value);
      else {
        this.#result = value;
        this.#release();
      }
    } catch (error) {
      this.#failure ??= { error: signal.aborted ? abortError(signal) : error };
      await this.#stop();
      throw this.#failure.error;
    }
  }

  /** Ends the work where it stands; later readers get the failure. */
  async #stop(): Promise<void> {
    if (this.#result) return;
    this.#failure ??= {
      error: new MaskeryError("ABORTED", "The run was stopped by the reader who left it."),
    };
    this.#release();
    this.#controller.abort();
    await this.#work?.return(undefined as never).catch(() => undefined);
  }

  #release(): void {
    this.#outerSignal?.removeEventListener("abort", this.#onAbort);
  }
}
