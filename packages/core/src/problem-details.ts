import { MaskeryError, type MaskeryErrorCode } from "./errors.js";

/** The one table from error code to HTTP status. An API that documents another status for a code overrides it. */
export const statusOfCode = {
  INVALID_INPUT: 400,
  UNSUPPORTED_FORMAT: 415,
  CORRUPT_IMAGE: 400,
  IMAGE_TOO_LARGE: 413,
  MODEL_NOT_FOUND: 404,
  MODEL_UNAVAILABLE: 503,
  MODEL_CORRUPT: 503,
  UNSUPPORTED_PROMPT: 400,
  DEVICE_UNAVAILABLE: 503,
  INFERENCE_FAILED: 500,
  OUT_OF_MEMORY: 503,
  TIMEOUT: 504,
  // The client went away; nobody reads this answer. 499 is nginx's name for it.
  ABORTED: 499,
  DISPOSED: 503,
  NOT_FOUND: 404,
  EXPIRED: 410,
  CONFLICT: 409,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  OVERLOADED: 503,
  UPSTREAM_FAILED: 502,
  STORAGE_FAILED: 507,
  INTERNAL: 500,
} as const satisfies Record<MaskeryErrorCode, number>;

/** Codes whose message speaks of our own insides, not of the request: clients get a fixed sentence instead. */
const privateDetails: Partial<Record<MaskeryErrorCode, string>> = {
  INFERENCE_FAILED: "The model failed on this request.",
  OUT_OF_MEMORY: "The server has too little memory for this request now.",
  MODEL_CORRUPT: "The model cannot be used.",
  MODEL_NOT_FOUND: "The model is not available.",
  MODEL_UNAVAILABLE: "The model is not available now.",
  DEVICE_UNAVAILABLE: "The model is not available now.",
  STORAGE_FAILED: "The server could not store or read a file.",
  UPSTREAM_FAILED: "A service behind this server failed.",
  DISPOSED: "The server is stopping.",
  INTERNAL: "The server failed on this request.",
};

/** What the outside may know of an error: the members of RFC 9457 problem details but the title. */
export interface ProblemDetails {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly code: MaskeryErrorCode;
  readonly field?: string;
}

/**
 * An error as clients of a server see it: never a stack, a path or a key. What is no `MaskeryError` becomes a plain 500.
 * @param otherStatus - In place of the table's.
 */
export function problemDetails(error: unknown, otherStatus?: number): ProblemDetails {
  const known = MaskeryError.is(error) ? error : undefined;
  const code = known?.code ?? "INTERNAL";
  return {
    type: `urn:maskery:problem:${code.toLowerCase().replaceAll("_", "-")}`,
    status: otherStatus ?? statusOfCode[code],
    detail: privateDetails[code] ?? known!.message,
    code,
    ...(known?.field !== undefined && { field: known.field }),
  };
}
