import { MaskeryError } from "./errors.js";

/** The options that every long call accepts. */
export interface CallOptions {
  /** Stops the call: it rejects with `ABORTED`, or with `TIMEOUT` when the signal came from `AbortSignal.timeout`. */
  readonly signal?: AbortSignal | undefined;
}

/** The error for a fired signal. */
export function abortError(signal: AbortSignal): MaskeryError {
  const reason: unknown = signal.reason;
  const timedOut =
    typeof reason === "object" && reason !== null && "name" in reason && reason.name === "TimeoutError";
  return timedOut
    ? new MaskeryError("TIMEOUT", "The call took longer than its signal allows.", { cause: reason })
    : new MaskeryError("ABORTED", "The call was aborted by its signal.", { cause: reason });
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortError(signal);
}

/**
 * Waits for `work`, but no longer than `signal` allows. The work itself goes on: use it for work that others may be
 * waiting for too, or that cannot be stopped.
 */
export function waitUnlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(abortError(signal));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    const release = () => signal.removeEventListener("abort", onAbort);
    work.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error as Error);
      },
    );
  });
}
