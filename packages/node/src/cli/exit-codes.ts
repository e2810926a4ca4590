import { MaskeryError, type MaskeryErrorCode } from "@maskery/core";

/** The work failed, and another input would not help: storage, device, model files, a fault of ours. */
export const EXIT_FAILURE = 1;

/** The command line or what it points at is wrong. */
export const EXIT_BAD_INPUT = 2;

/** Ended by Ctrl-C: 128 and the number of SIGINT, as shells count it. */
export const EXIT_INTERRUPTED = 130;

/** Ended by SIGTERM. */
export const EXIT_TERMINATED = 143;

const badInputCodes: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "INVALID_INPUT",
  "UNSUPPORTED_FORMAT",
  "CORRUPT_IMAGE",
  "IMAGE_TOO_LARGE",
  "NOT_FOUND",
  "MODEL_NOT_FOUND",
  "FORBIDDEN",
  "UNSUPPORTED_PROMPT",
]);

export function exitCodeFor(error: unknown): number {
  return MaskeryError.is(error) && badInputCodes.has(error.code) ? EXIT_BAD_INPUT : EXIT_FAILURE;
}
