import { MaskeryError, type MaskeryErrorCode } from "../../errors.js";

export interface AttemptFailure {
  /** The server's name, for the message. */
  readonly host: string;
  readonly code: MaskeryErrorCode;
  readonly reason: string;
  /** Whether the same question may be answered a little later. */
  readonly passing: boolean;
  /** What the server asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
  readonly field?: string | undefined;
}

/** Why an attempt failed, and whether another makes sense. */
export class FailedAttempt extends Error {
  readonly error: MaskeryError;
  readonly passing: boolean;
  readonly retryAfterMs: number | undefined;

  constructor({ host, code, reason, passing, retryAfterMs, cause, field }: AttemptFailure) {
    const message = `${host}: ${reason}`;
    super(message);
    this.error = new MaskeryError(code, message, { cause, field });
    this.passing = passing;
    this.retryAfterMs = retryAfterMs;
  }
}
