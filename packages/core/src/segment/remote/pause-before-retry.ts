import { type CallOptions, throwIfAborted } from "../../cancellation.js";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** A server that asks for more is not asked again by this call. */
const LONGEST_ASKED_PAUSE_MS = 30_000;

/**
 * Milliseconds until the next attempt: what the server asks for, or a growing, scattered pause.
 * @param attempt - The one that failed, from 0.
 * @returns Undefined where the server asks for more patience than one call has.
 */
export function pauseBeforeRetry(attempt: number, retryAfterMs: number | undefined): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs <= LONGEST_ASKED_PAUSE_MS ? retryAfterMs : undefined;
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** Reads `Retry-After`: seconds, or a date (RFC 9110, 10.2.3). */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** @throws MaskeryError `ABORTED` or `TIMEOUT` as soon as the signal fires. */
export async function wait(milliseconds: number, { signal }: CallOptions): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
  });
  throwIfAborted(signal);
}
