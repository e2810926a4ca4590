import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { checkAnswer } from "./check-answer.js";
import { FailedAttempt } from "./failed-attempt.js";
import { pauseBeforeRetry, wait } from "./pause-before-retry.js";
import { PLACEMENT_PROTOCOL_VERSION, PROTOCOL_HEADER } from "./protocol.js";
import type { RemoteHeaders } from "./remote-options.js";
import { sendQuestion } from "./send-question.js";

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

/** Makes sense of an answer; what it throws as `INVALID_INPUT` counts as a broken answer, which is asked for again. */
export type AnswerReader<Value> = (answer: PlacementAnswer) => Promise<Value> | Value;

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
   * @throws MaskeryError `UPSTREAM_FAILED` when the server cannot be reached or its answer be read, `TIMEOUT` when it takes too
   * long, what the server itself says (`UNAUTHORIZED`, `RATE_LIMITED`, `MODEL_UNAVAILABLE`, …); `ABORTED`, `DISPOSED`.
   */
  async ask<Value>(
    question: PlacementQuestion,
    read: AnswerReader<Value>,
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
    read: AnswerReader<Value>,
    signal: AbortSignal | undefined,
  ): Promise<Value> {
    const { response, bytes } = await sendQuestion({
      method,
      address: this.#address(path),
      headers: await this.#fields(headers),
      body,
      timeoutMs: this.#options.timeoutMs,
      signals: [signal, this.#closed.signal],
    });
    const { host } = this;
    checkAnswer(host, response, bytes);
    try {
      return await read({ headers: response.headers, bytes });
    } catch (cause) {
      if (!MaskeryError.is(cause) || cause.code !== "INVALID_INPUT") throw cause;
      const reason = `its answer cannot be read: ${cause.message}`;
      throw new FailedAttempt({ host, code: "UPSTREAM_FAILED", reason, passing: true, cause });
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
  #address(path: string): URL {
    const address = new URL(this.#options.url.href);
    address.pathname = `${address.pathname.replace(/\/+$/, "")}/${path}`;
    address.hash = "";
    return address;
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
}
