import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError, type MaskeryErrorCode } from "../../errors.js";
import { pauseBeforeRetry, readRetryAfter, wait } from "./pause-before-retry.js";
import { readRefusal } from "./problem.js";
import { PLACEMENT_PROTOCOL_VERSION, PROTOCOL_HEADER } from "./protocol.js";
import { readBytes } from "./read-bytes.js";
import type { RemoteHeaders } from "./remote-options.js";

/** More than the largest published model's embedding by far. */
const MAX_ANSWER_BYTES = 1024 * 1024 * 1024;

export interface PlacementClientOptions {
  readonly url: URL;
  readonly headers: RemoteHeaders;
  readonly timeoutMs: number;
  readonly retries: number;
}

export interface PlacementQuestion {
  readonly method: "GET" | "POST";
  /** Below the placement's address: `encode`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
}

export interface PlacementAnswer {
  readonly headers: { get(name: string): string | null };
  readonly bytes: Uint8Array;
}

/** The same question may be answered a little later. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** It will not, whatever the status. */
const lastingCodes: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "INFERENCE_FAILED",
  "MODEL_CORRUPT",
  "MODEL_NOT_FOUND",
]);

/** Why an attempt failed, and whether another makes sense. */
class FailedAttempt extends Error {
  constructor(
    readonly error: MaskeryError,
    readonly passing: boolean,
    readonly retryAfterMs?: number,
  ) {
    super(error.message);
  }
}

/**
 * Asks a placement over HTTP. Every question is one that may be asked twice without harm, so attempts that fail in passing
 * are made again.
 */
export class PlacementClient {
  readonly host: string;
  readonly #options: PlacementClientOptions;
  readonly #closed = new AbortController();

  constructor(options: PlacementClientOptions) {
    this.#options = options;
    this.host = options.url.host;
  }

  /**
   * @param read - Makes sense of an answer; what it throws as `INVALID_INPUT` counts as a broken answer, which is asked for again.
   * @throws MaskeryError `UPSTREAM_FAILED` when the server cannot be reached or its answer be read, `TIMEOUT` when it takes too
   * long, what the server itself says (`UNAUTHORIZED`, `RATE_LIMITED`, `MODEL_UNAVAILABLE`, …); `ABORTED`, `DISPOSED`.
   */
  async ask<Value>(
    question: PlacementQuestion,
    read: (answer: PlacementAnswer) => Promise<Value> | Value,
    { signal }: CallOptions = {},
  ): Promise<Value> {
    for (let attempt = 0; ; attempt++) {
      this.#throwIfOver(signal);
      try {
        return await this.#attempt(question, read, signal);
      } catch (error) {
        this.#throwIfOver(signal);
        if (!(error instanceof FailedAttempt)) throw error;
        const pauseMs = pauseBeforeRetry(attempt, error.retryAfterMs);
        if (!error.passing || attempt >= this.#options.retries || pauseMs === undefined) throw error.error;
        await this.#pause(pauseMs, signal);
      }
    }
  }

  /** Calls under way reject with `DISPOSED`. Safe to call twice. */
  close(): void {
    this.#closed.abort();
  }

  async #attempt<Value>(
    { method, path, headers, body }: PlacementQuestion,
    read: (answer: PlacementAnswer) => Promise<Value> | Value,
    signal: AbortSignal | undefined,
  ): Promise<Value> {
    const fields = await this.#fields(headers);
    const stop = new AbortController();
    const stopNow = () => stop.abort();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      stop.abort();
    }, this.#options.timeoutMs);
    signal?.addEventListener("abort", stopNow, { once: true });
    this.#closed.signal.addEventListener("abort", stopNow, { once: true });
    if (signal?.aborted || this.#closed.signal.aborted) stopNow();
    let response: Response;
    let bytes: Uint8Array;
    try {
      response = await fetch(this.#address(path), {
        method,
        headers: fields,
        redirect: "manual",
        signal: stop.signal,
        ...(body && { body }),
      });
      bytes = await readBytes(
        response,
        MAX_ANSWER_BYTES,
        () => this.#failed("UPSTREAM_FAILED", "its answer is too large", false),
        stop.signal,
      );
    } catch (cause) {
      if (cause instanceof FailedAttempt) throw cause;
      if (late) {
        throw this.#failed(
          "TIMEOUT",
          `it did not answer within ${this.#options.timeoutMs} ms`,
          true,
          undefined,
          cause,
        );
      }
      throw this.#failed("UPSTREAM_FAILED", "it cannot be reached", true, undefined, cause);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stopNow);
      this.#closed.signal.removeEventListener("abort", stopNow);
    }
    this.#checkAnswer(response, bytes);
    try {
      return await read({ headers: response.headers, bytes });
    } catch (cause) {
      if (!MaskeryError.is(cause) || cause.code !== "INVALID_INPUT") throw cause;
      throw this.#failed(
        "UPSTREAM_FAILED",
        `its answer cannot be read: ${cause.message}`,
        true,
        undefined,
        cause,
      );
    }
  }

  #checkAnswer({ status, type, headers }: Response, bytes: Uint8Array): void {
    if (type === "opaqueredirect" || (status >= 300 && status < 400))
      throw this.#failed(
        "UPSTREAM_FAILED",
        "it leads to another address; pictures are not sent there",
        false,
      );
    if (status !== 200) {
      const { code, detail, field } = readRefusal(status, bytes);
      const passing = passingStatuses.has(status) && !lastingCodes.has(code);
      throw this.#failed(code, detail, passing, readRetryAfter(headers.get("retry-after")), undefined, field);
    }
    const version = headers.get(PROTOCOL_HEADER);
    if (version !== String(PLACEMENT_PROTOCOL_VERSION)) {
      const came = version === null ? "no placement's answer" : `version ${version}`;
      throw this.#failed(
        "UPSTREAM_FAILED",
        `expected a placement that speaks version ${PLACEMENT_PROTOCOL_VERSION}, received ${came}`,
        false,
      );
    }
  }

  async #fields(own: Readonly<Record<string, string>> = {}): Promise<Headers> {
    const { headers } = this.#options;
    const given = typeof headers === "function" ? await headers() : headers;
    let fields: Headers;
    try {
      fields = new Headers(given);
    } catch (cause) {
      throw invalidInput("headers", "header fields as HTTP allows them", "others", cause);
    }
    fields.set(PROTOCOL_HEADER, String(PLACEMENT_PROTOCOL_VERSION));
    for (const [name, value] of Object.entries(own)) fields.set(name, value);
    return fields;
  }

  /** The search of the address stays: some gateways take their key there. */
  #address(path: string): string {
    const address = new URL(this.#options.url.href);
    address.pathname = `${address.pathname.replace(/\/+$/, "")}/${path}`;
    address.hash = "";
    return address.href;
  }

  async #pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    const closed = this.#closed.signal;
    try {
      await wait(milliseconds, { signal: signal ? AbortSignal.any([signal, closed]) : closed });
    } catch {
      this.#throwIfOver(signal);
    }
  }

  #throwIfOver(signal: AbortSignal | undefined): void {
    if (this.#closed.signal.aborted)
      throw new MaskeryError("DISPOSED", `The connection to ${this.host} was disposed.`);
    throwIfAborted(signal);
  }

  #failed(
    code: MaskeryErrorCode,
    reason: string,
    passing: boolean,
    retryAfterMs?: number,
    cause?: unknown,
    field?: string,
  ): FailedAttempt {
    const error = new MaskeryError(code, `${this.host}: ${reason}`, { cause, field });
    return new FailedAttempt(error, passing, retryAfterMs);
  }
}
