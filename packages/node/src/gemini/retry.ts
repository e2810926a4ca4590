import { setTimeout as wait } from "node:timers/promises";
import { abortError, MaskeryError } from "@maskery/core";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** Errors after which the same question may be answered. */
const passing = new Set(["RATE_LIMITED", "UPSTREAM_FAILED"]);

/** A failure of the service. */
export interface ServiceFailure {
  readonly error: MaskeryError;
  /** Whether asking again may help. */
  readonly again: boolean;
  /** What the service asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * Asks until an answer comes, with growing, scattered pauses.
 * @throws MaskeryError of the last attempt; `ABORTED` or `TIMEOUT` when the signal fires.
 */
export async function askWithRetries<T>(
  ask: () => Promise<T>,
  describeFailure: (error: unknown) => ServiceFailure,
  maxAttempts: number,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    if (signal.aborted) throw abortError(signal);
    try {
      return await ask();
    } catch (cause) {
      if (signal.aborted) throw abortError(signal);
      const { error, again, retryAfterMs } = MaskeryError.is(cause)
        ? { error: cause, again: false, retryAfterMs: undefined }
        : describeFailure(cause);
      if (!again || !passing.has(error.code) || attempt >= maxAttempts) throw error;
      const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
      const pauseMs = Math.min(LONGEST_PAUSE_MS, retryAfterMs ?? growing * (0.5 + Math.random() / 2));
      await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** A status of the service as our error. */
export function failureOfStatus(status: number | undefined, cause: unknown): ServiceFailure {
  const failure = (
    code: "RATE_LIMITED" | "UNAUTHORIZED" | "UPSTREAM_FAILED",
    message: string,
    again: boolean,
  ) => ({
    error: new MaskeryError(code, message, { cause }),
    again,
  });
  if (status === 429) return failure("RATE_LIMITED", "Gemini refuses more requests for now.", true);
  if (status === 401 || status === 403) return failure("UNAUTHORIZED", "Gemini refuses the key.", false);
  if (status === undefined)
    return failure("UPSTREAM_FAILED", "Gemini cannot be reached, or its answer cannot be read.", true);
  return failure("UPSTREAM_FAILED", `Gemini answered with status ${status}.`, status >= 500);
}
