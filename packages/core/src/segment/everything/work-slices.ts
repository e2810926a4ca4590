import { throwIfAborted } from "../../cancellation.js";
import { pause } from "../../pause.js";

/** How long work may hold the thread before timers and input get their turn. */
const SLICE_MS = 5;

/** Cuts long work into slices: ask `isOver` between two pieces, and await `pause()` when it is. */
export class WorkSlices {
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  #startedAt: number;

  /** @param now - Monotonic milliseconds. */
  constructor(now: () => number, signal: AbortSignal | undefined) {
    this.#now = now;
    this.#signal = signal;
    this.#startedAt = now();
  }

  get isOver(): boolean {
    return this.#now() - this.#startedAt > SLICE_MS;
  }

  /** @throws MaskeryError `ABORTED`, `TIMEOUT`. */
  async pause(): Promise<void> {
    await pause();
    throwIfAborted(this.#signal);
    this.#startedAt = this.#now();
  }
}
