import { MaskeryError } from "@maskery/core";

const field = "image";

export function corruptDicom(message: string, cause?: unknown): MaskeryError {
  return new MaskeryError("CORRUPT_IMAGE", `${field}: ${message}`, { field, cause });
}

export function unsupportedDicom(message: string): MaskeryError {
  return new MaskeryError("UNSUPPORTED_FORMAT", `${field}: ${message}`, { field });
}

/** The libraries throw strings, numbers and plain objects as well as errors. */
export function describeThrown(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === "object" && thrown !== null) {
    const { exception, message } = thrown as { exception?: unknown; message?: unknown };
    return String(exception ?? message ?? "no reason given");
  }
  return "no reason given";
}
