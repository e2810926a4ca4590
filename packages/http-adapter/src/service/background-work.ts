import { MaskeryError } from "@maskery/core";
import type { Logger } from "../observe/logger.js";

/** Work that outlives the request that began it. */
export class BackgroundWork {
  readonly #closing: AbortSignal;
  readonly #running = new Set<Promise<void>>();

  constructor(closing: AbortSignal) {
    this.#closing = closing;
  }

  /** Begins `work`; a failure ends in the log. Nothing begins while closing. */
  start(
    name: string,
    work: (options: { readonly signal: AbortSignal }) => Promise<void>,
    logger: Logger,
  ): void {
    if (this.#closing.aborted) return;
    const run = Promise.resolve()
      .then(() => work({ signal: this.#closing }))
      .catch((error: unknown) => {
        if (MaskeryError.is(error) && error.code === "ABORTED") return;
        logger.error({ work: name, error }, "Background work failed.");
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Waits for everything that was begun. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }
}
