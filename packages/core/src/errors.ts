/**
 * Every way a call into Maskery can fail. The list is closed: a new code is a change of contract, because servers
 * map codes to statuses and applications branch on them.
 */
export const maskeryErrorCodes = [
  "INVALID_INPUT",
  "UNSUPPORTED_FORMAT",
  "CORRUPT_IMAGE",
  "IMAGE_TOO_LARGE",
  "MODEL_NOT_FOUND",
  "MODEL_UNAVAILABLE",
  "MODEL_CORRUPT",
  "UNSUPPORTED_PROMPT",
  "DEVICE_UNAVAILABLE",
  "INFERENCE_FAILED",
  "OUT_OF_MEMORY",
  "TIMEOUT",
  "ABORTED",
  "DISPOSED",
  "NOT_FOUND",
  "EXPIRED",
  "CONFLICT",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "RATE_LIMITED",
  "OVERLOADED",
  "UPSTREAM_FAILED",
  "STORAGE_FAILED",
  "INTERNAL",
] as const;

export type MaskeryErrorCode = (typeof maskeryErrorCodes)[number];

export interface MaskeryErrorOptions {
  /** The error underneath, kept for logs. */
  readonly cause?: unknown;
  /** Path of the input at fault, for example `points[1].x`. */
  readonly field?: string | undefined;
}

// A registered symbol, so that two installed copies of the package recognise each other's errors.
const brand = Symbol.for("maskery.error");

/** The one error class of the SDK. Branch on `code`; show `message`, which says field, expectation and what came. */
export class MaskeryError extends Error {
  readonly code: MaskeryErrorCode;
  readonly field: string | undefined;
  readonly [brand] = true;

  constructor(code: MaskeryErrorCode, message: string, options: MaskeryErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MaskeryError";
    this.code = code;
    this.field = options.field;
  }

  /** True for errors of any installed copy of Maskery; `instanceof` knows only its own copy. */
  static is(value: unknown): value is MaskeryError {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** An `INVALID_INPUT` in the house form: `field: expected …, received …`. */
export function invalidInput(
  field: string,
  expected: string,
  received: unknown,
  cause?: unknown,
): MaskeryError {
  return new MaskeryError(
    "INVALID_INPUT",
    `${field}: expected ${expected}, received ${describeValue(received)}`,
    {
      cause,
      field,
    },
  );
}

/** A short, safe description of any value for an error message: never dumps buffers or long strings. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") {
    return value.length > 60
      ? `"${value.slice(0, 57)}…" (${value.length} characters)`
      : JSON.stringify(value);
  }
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined) {
    return String(value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`;
  if (typeof value === "object") {
    const kind = value.constructor?.name ?? "Object";
    return kind === "Object" ? "an object" : `a ${kind}`;
  }
  return `a ${typeof value}`;
}
