import { type CallOptions, MaskeryError, throwIfAborted, waitUnlessAborted } from "@maskery/core";

export interface WorkSlotsOptions {
  /** Requests that may use the model at once. Default 2: one prepares a picture while another is in the model. */
  readonly maxRunning?: number;
  /** Requests that may wait for a place. Default 32; the next one is refused with `OVERLOADED`. */
  readonly maxWaiting?: number;
}

interface Waiting {
  readonly admit: () => void;
}

/** Bounds how much work goes on at once; what comes on top waits in line, what does not fit the line is refused. */
export class WorkSlots {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #line = new Set<Waiting>();
  #running = 0;

  constructor(options: WorkSlotsOptions = {}) {
    this.#maxRunning = Math.max(1, options.maxRunning ?? 2);
    this.#maxWaiting = Math.max(0, options.maxWaiting ?? 32);
  }

  get running(): number {
    return this.#running;
  }

  /** Whether one more request would be refused now. */
  get isFull(): boolean {
    return this.#running >= this.#maxRunning && this.#line.size >= this.#maxWaiting;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** @throws MaskeryError `OVERLOADED` when the line is full, `ABORTED` or `TIMEOUT` while waiting, and what `work` throws. */
  async run<T>(work: () => Promise<T>, options: CallOptions = {}): Promise<T> {
    throwIfAborted(options.signal);
    if (this.#running >= this.#maxRunning) await this.#wait(options);
    else this.#running++;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** @throws MaskeryError `OVERLOADED` when one more request would be refused now. */
  throwIfFull(): void {
    if (!this.isFull) return;
    throw new MaskeryError(
      "OVERLOADED",
      `The server is working on as many requests as it can; ${this.#line.size} more are waiting.`,
    );
  }

  async #wait(options: CallOptions): Promise<void> {
    this.throwIfFull();
    let admitted = false;
    let entry: Waiting | undefined;
    const turn = new Promise<void>((resolve) => {
      entry = {
        admit: () => {
          admitted = true;
          resolve();
        },
      };
      this.#line.add(entry);
    });
    try {
      await waitUnlessAborted(turn, options.signal);
    } catch (error) {
      // The place may have been given in the very moment the signal fired: then it goes to the next in line.
      if (admitted) this.#leave();
      else this.#line.delete(entry!);
      throw error;
    }
  }

  /** Hands the place to the next in line, or frees it. */
  #leave(): void {
    const [next] = this.#line;
    if (!next) {
      this.#running--;
      return;
    }
    this.#line.delete(next);
    next.admit();
  }
}
