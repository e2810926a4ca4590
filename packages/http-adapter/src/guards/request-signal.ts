import { setMaxListeners } from "node:events";

/** One signal for everything that ends a request: the client's leaving, the route's time, the API's closing. */
export function requestSignal(request: Request, timeoutMs: number, closing: AbortSignal): RequestSignal {
  const controller = new AbortController();
  // A request that writes a hundred masks listens a hundred times; that is no leak.
  setMaxListeners(0, controller.signal);
  const sources = [request.signal, closing];
  const onAbort = (event: Event) => controller.abort((event.target as AbortSignal).reason);
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason);
    else source.addEventListener("abort", onAbort, { once: true });
  }
  const timer = setTimeout(
    () => controller.abort(new DOMException(`The request took longer than ${timeoutMs} ms.`, "TimeoutError")),
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

export interface RequestSignal {
  readonly signal: AbortSignal;
  /** Takes the listeners off again. */
  release(): void;
}
