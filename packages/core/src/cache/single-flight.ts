import { abortError, type CallOptions } from "../cancellation.js";

interface Flight<Value> {
  readonly result: Promise<Value>;
  readonly controller: AbortController;
  waiters: number;
}

/**
 * Runs one computation at a time for each key and gives its result to everyone who asks meanwhile. A caller whose signal
 * fires leaves alone; when the last one leaves, the computation itself is aborted. Nothing is remembered afterwards, so a
 * failed computation can be tried again at once.
 */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();

  /** Computations under way. */
  get size(): number {
    return this.#flights.size;
  }

  run(
    key: string,
    compute: (signal: AbortSignal) => Promise<Value>,
    options: CallOptions = {},
  ): Promise<Value> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const flight = this.#flights.get(key) ?? this.#start(key, compute);
    flight.waiters++;
    return new Promise<Value>((resolve, reject) => {
      const onAbort = () => {
        leave();
        reject(abortError(signal!));
      };
      let waiting = true;
      const leave = () => {
        if (!waiting) return;
        waiting = false;
        signal?.removeEventListener("abort", onAbort);
        if (--flight.waiters === 0) this.#drop(key, flight);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      flight.result.then(
        (value) => {
          leave();
          resolve(value);
        },
        (error: unknown) => {
          leave();
          reject(error as Error);
        },
      );
    });
  }

  #start(key: string, compute: (signal: AbortSignal) => Promise<Value>): Flight<Value> {
    const controller = new AbortController();
    const result = (async () => compute(controller.signal))();
    const flight: Flight<Value> = { result, controller, waiters: 0 };
    this.#flights.set(key, flight);
    const forget = () => this.#forget(key, flight);
    result.then(forget, forget);
    return flight;
  }

  /** Nobody waits any longer: a newcomer must start afresh instead of joining an aborted computation. */
  #drop(key: string, flight: Flight<Value>): void {
    this.#forget(key, flight);
    flight.controller.abort();
  }

  #forget(key: string, flight: Flight<Value>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
