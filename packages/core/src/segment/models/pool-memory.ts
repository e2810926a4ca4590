import { throwIfAborted, waitUnlessAborted } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import { wholeNumberBetween } from "../../number-between.js";
import type { PooledModel } from "./pooled-model.js";

/** The memory that the models of a pool share: makes room for one by freeing those that nobody uses. */
export class PoolMemory {
  readonly #models: ReadonlyMap<string, PooledModel>;
  readonly #budgetBytes: number;
  /** Those who wait for memory or for the end of calls. */
  #waiting: (() => void)[] = [];

  /** @throws MaskeryError `INVALID_INPUT` for a budget that is no whole number of bytes. */
  constructor(models: ReadonlyMap<string, PooledModel>, budgetBytes: number | undefined) {
    this.#models = models;
    const most = Number.MAX_SAFE_INTEGER;
    this.#budgetBytes = wholeNumberBetween("memoryBudgetBytes", budgetBytes, most, 1, most);
  }

  /** What the models that are loaded, or being loaded, are reckoned with together. */
  get estimatedBytes(): number {
    return [...this.#models.values()].reduce((sum, { estimatedBytes }) => sum + estimatedBytes, 0);
  }

  /**
   * Reckons a model with its memory, as soon as there is room.
   * @param check - Throws when the pool has no use for the model any more.
   * @throws MaskeryError `OUT_OF_MEMORY` for a model beyond the whole budget, `ABORTED`, what `check` throws.
   */
  async makeRoom(model: PooledModel, bytes: number, check: () => void, signal: AbortSignal): Promise<void> {
    if (bytes > this.#budgetBytes) {
      throw new MaskeryError(
        "OUT_OF_MEMORY",
        `${model.id}: expected a model within the memory budget of ${this.#budgetBytes} bytes, received one of ${bytes}`,
      );
    }
    while (this.estimatedBytes + bytes > this.#budgetBytes) {
      check();
      throwIfAborted(signal);
      const victim = this.#longestUnused();
      await (victim ? waitUnlessAborted(this.free(victim), signal) : this.change(signal));
    }
    model.estimatedBytes = bytes;
  }

  /** Frees a model, whoever uses it. Its bytes count until they are free. */
  free(model: PooledModel): Promise<void> {
    const { placement } = model;
    if (!placement) return model.unloading ?? Promise.resolve();
    model.placement = undefined;
    model.status = "unloaded";
    const unloading = (async () => {
      await Promise.allSettled([placement.encoder.dispose(), placement.decoder.dispose()]);
      model.estimatedBytes = 0;
      model.unloading = undefined;
      this.wake();
    })();
    model.unloading = unloading;
    return unloading;
  }

  /** Waits until something has changed. */
  change(signal: AbortSignal | undefined): Promise<void> {
    return waitUnlessAborted(new Promise<void>((resolve) => this.#waiting.push(resolve)), signal);
  }

  /** Tells all who wait that something has changed. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #longestUnused(): PooledModel | undefined {
    return [...this.#models.values()]
      .filter(({ status, uses }) => status === "ready" && uses === 0)
      .sort((one, other) => one.turn - other.turn)[0];
  }
}
