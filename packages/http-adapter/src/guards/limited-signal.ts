import { setMaxListeners } from "node:events";

export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** Takes the timer and the listeners off again. */
  release(): void;
}

/**
 * One signal for everything that ends a piece of work: any of `sources`, or its time. Unlike `AbortSignal.timeout` and
 * `AbortSignal.any` it leaves nothing behind once it is released.
 * @param what - For the reason: `The request took longer than 5000 ms.`
 */
export function limitedSignal(
  what: string,
  timeoutMs: number,
  sources: readonly AbortSignal[],
): LimitedSignal {
  const controller = new AbortController();
  // A request that writes a hundred masks listens a hundred times; that is no leak.
  setMaxListeners(0, controller.signal);
  const onAbort = (event: Event) => controller.abort((event.target as AbortSignal).reason);
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason);
    else source.addEventListener("abort", onAbort, { once: true });
  }
  const timer = setTimeout(
    () => controller.abort(new DOMException(`${what} took longer than ${timeoutMs} ms.`, "TimeoutError")),
    timeoutMs,
  );
  timer.unref();
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer);
      for (const source of sources) source.removeEventListener("abort", onAbort);
    },
  };
}
