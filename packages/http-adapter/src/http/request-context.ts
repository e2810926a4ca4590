import { type LimitedSignal, limitedSignal } from "../guards/limited-signal.js";
import type { Services } from "../service/services.js";
import type { Arrival } from "./arrival.js";
import type { RouteContext } from "./route.js";

export interface RequestContextOptions {
  readonly arrival: Arrival;
  readonly params: Readonly<Record<string, string>>;
  readonly services: Services;
  readonly publicUrl: string | undefined;
  /** Milliseconds that the request may take. */
  readonly timeoutMs: number;
  /** Fires when the API closes. */
  readonly closing: AbortSignal;
}

/** What a handler knows of its request. A signal, a `Request` or a query that nobody asks for is never made. */
export class RequestContext implements RouteContext {
  readonly params: Readonly<Record<string, string>>;
  readonly services: Services;
  body: unknown;
  readonly #options: RequestContextOptions;
  #limited: LimitedSignal | undefined;
  #query: URLSearchParams | undefined;

  constructor(options: RequestContextOptions) {
    this.params = options.params;
    this.services = options.services;
    this.#options = options;
  }

  get request(): Request {
    return this.#options.arrival.request;
  }

  get baseUrl(): string {
    const { arrival, publicUrl } = this.#options;
    return publicUrl ?? `${arrival.origin}${arrival.mountPath}`;
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.#options.arrival.search);
    return this.#query;
  }

  /** One signal for everything that ends a request: the client's leaving, the route's time, the API's closing. */
  get signal(): AbortSignal {
    const { arrival, timeoutMs, closing } = this.#options;
    this.#limited ??= limitedSignal("The request", timeoutMs, [arrival.signal, closing]);
    return this.#limited.signal;
  }

  /** Takes the signal's timer and listeners off, where there are any. */
  release(): void {
    this.#limited?.release();
  }
}
