import { type CallOptions, invalidInput, MaskeryError } from "@maskery/core";
import { problemOf } from "./problem-of.js";

export interface RequestOptions extends CallOptions {
  /** Milliseconds until this request is given up. Default: the client's. */
  readonly timeoutMs?: number;
}

export interface TransportOptions {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly fetch: typeof globalThis.fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number | undefined;
}

/** What is sent. */
export interface Sending {
  readonly method: "GET" | "POST" | "DELETE";
  /** Begins with a slash; its values are encoded. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, with its own headers. */
  readonly body?: NonNullable<RequestInit["body"]>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once the server has taken what was sent. */
  readonly onAnswer?: () => void;
  /** Milliseconds, where neither the call nor the client says how long. */
  readonly defaultTimeoutMs: number;
}

/** Sends requests, with a limit in time, and turns refusals into `MaskeryError`s. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /**
   * The answer's JSON.
   * @throws MaskeryError the code that the server gives; `UPSTREAM_FAILED` when it cannot be reached or answers something else
   * than documented, `TIMEOUT`, `ABORTED`.
   */
  async json<T>(sending: Sending, options: RequestOptions = {}): Promise<T> {
    return this.#limited(sending, options, async (response) => (await response.json()) as T);
  }

  /** The answer's bytes, with their media type. @throws MaskeryError as `json`. */
  async blob(sending: Sending, options: RequestOptions = {}): Promise<Blob> {
    return this.#limited(sending, options, (response) => response.blob());
  }

  async #limited<T>(
    sending: Sending,
    options: RequestOptions,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs ?? sending.defaultTimeoutMs;
    if (!(timeoutMs > 0)) throw invalidInput("timeoutMs", "milliseconds above 0", timeoutMs);
    const limit = AbortSignal.timeout(Math.min(timeoutMs, 2 ** 31 - 1));
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    let response: Response | undefined;
    try {
      response = await this.#send(sending, signal);
      if (!response.ok) throw await problemOf(response);
      sending.onAnswer?.();
      return await read(response);
    } catch (cause) {
      if (MaskeryError.is(cause)) throw cause;
      if (options.signal?.aborted)
        throw new MaskeryError("ABORTED", "The request was aborted.", { cause: options.signal.reason });
      if (limit.aborted)
        throw new MaskeryError("TIMEOUT", `The server did not answer within ${timeoutMs} ms.`, { cause });
      const what = response ? "The server's answer could not be read." : "The server cannot be reached.";
      throw new MaskeryError("UPSTREAM_FAILED", what, { cause });
    }
  }

  #send({ method, path, json, body, headers }: Sending, signal: AbortSignal): Promise<Response> {
    const { baseUrl, fetch } = this.#options;
    const init: RequestInit & { duplex?: "half" } = {
      method,
      signal,
      headers: {
        accept: "application/json, application/problem+json, */*;q=0.5",
        ...this.#options.headers,
        ...(json !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
    };
    const content = json === undefined ? body : JSON.stringify(json);
    if (content !== undefined) init.body = content;
    // The Fetch standard asks for this where the body is a stream.
    if (content instanceof ReadableStream) init.duplex = "half";
    return fetch(`${baseUrl}${path}`, init);
  }
}
