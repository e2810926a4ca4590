import { FailedAttempt } from "./failed-attempt.js";
import { readBytes } from "./read-bytes.js";

/** More than the largest published model's embedding by far. */
const MAX_ANSWER_BYTES = 1024 * 1024 * 1024;

export interface SentQuestion {
  readonly method: "GET" | "POST";
  readonly address: URL;
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  /** From the connection to the last byte. */
  readonly timeoutMs: number;
  /** Any of them ends the attempt. */
  readonly signals: readonly (AbortSignal | undefined)[];
}

/**
 * One attempt. Redirects are never followed: what is sent is meant for this address, and so are the headers.
 * @throws FailedAttempt for a server that cannot be reached, is late, or says too much.
 */
export async function sendQuestion({
  method,
  address,
  headers,
  body,
  timeoutMs,
  signals,
}: SentQuestion): Promise<{ readonly response: Response; readonly bytes: Uint8Array }> {
  const { host } = address;
  const stop = new AbortController();
  const stopNow = () => stop.abort();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, timeoutMs);
  for (const signal of signals) {
    if (signal?.aborted) stopNow();
    signal?.addEventListener("abort", stopNow, { once: true });
  }
  const tooLarge = () =>
    new FailedAttempt({ host, code: "UPSTREAM_FAILED", reason: "its answer is too large", passing: false });
  try {
    const response = await fetch(address.href, {
      method,
      headers,
      redirect: "manual",
      signal: stop.signal,
      ...(body && { body }),
    });
    return { response, bytes: await readBytes(response, MAX_ANSWER_BYTES, tooLarge, stop.signal) };
  } catch (cause) {
    if (cause instanceof FailedAttempt) throw cause;
    throw late
      ? new FailedAttempt({
          host,
          code: "TIMEOUT",
          reason: `it did not answer within ${timeoutMs} ms`,
          passing: true,
          cause,
        })
      : new FailedAttempt({
          host,
          code: "UPSTREAM_FAILED",
          reason: "it cannot be reached",
          passing: true,
          cause,
        });
  } finally {
    clearTimeout(timer);
    for (const signal of signals) signal?.removeEventListener("abort", stopNow);
  }
}
