import { type MaskeryErrorCode, maskeryErrorCodes } from "../../errors.js";
import { problemDetails } from "../../problem-details.js";

/** An error as RFC 9457 problem details: never a stack or a path. What is no `MaskeryError` leaves as a plain 500. */
export function problemAnswer(
  error: unknown,
  headers: Readonly<Record<string, string>>,
  otherStatus?: number,
): Response {
  const problem = problemDetails(error, otherStatus);
  const body = { ...problem, title: problem.code };
  return new Response(JSON.stringify(body), {
    status: problem.status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}

/** A refusal as the client reads it. */
export interface Refusal {
  readonly code: MaskeryErrorCode;
  readonly detail: string;
  readonly field: string | undefined;
}

/** What an answer with an error status says, whoever gave it: a placement, a gateway, or a server that is no placement. */
export function readRefusal(status: number, bytes: Uint8Array): Refusal {
  const problem = parseProblem(bytes);
  const stated = maskeryErrorCodes.find((code) => code === problem?.["code"]);
  const detail = typeof problem?.["detail"] === "string" ? problem["detail"].slice(0, 500) : undefined;
  const field = typeof problem?.["field"] === "string" ? problem["field"] : undefined;
  const code = stated ? (codesOfItsOwn[stated] ?? stated) : codeOfStatus(status);
  return {
    // Only embeddings can be missing from a placement: anything else that is not found is the placement itself.
    code: code === "NOT_FOUND" && field !== "embedding" ? "UPSTREAM_FAILED" : code,
    detail: detail ?? `it answered with status ${status}`,
    field,
  };
}

/** What a server says about itself, as it looks from outside. */
const codesOfItsOwn: Partial<Record<MaskeryErrorCode, MaskeryErrorCode>> = {
  DISPOSED: "MODEL_UNAVAILABLE",
  INTERNAL: "UPSTREAM_FAILED",
  ABORTED: "UPSTREAM_FAILED",
};

function codeOfStatus(status: number): MaskeryErrorCode {
  if (status === 401) return "UNAUTHORIZED";
  if (status === 403) return "FORBIDDEN";
  if (status === 408 || status === 504) return "TIMEOUT";
  if (status === 409) return "CONFLICT";
  if (status === 413) return "IMAGE_TOO_LARGE";
  if (status === 429) return "RATE_LIMITED";
  if (status === 503) return "MODEL_UNAVAILABLE";
  return "UPSTREAM_FAILED";
}

function parseProblem(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
