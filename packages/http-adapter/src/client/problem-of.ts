import { MaskeryError, type MaskeryErrorCode, maskeryErrorCodes } from "@maskery/core";

/** For answers that name no code: those of a proxy before the server. */
const codeOfStatus: Readonly<Record<number, MaskeryErrorCode>> = {
  400: "INVALID_INPUT",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  408: "TIMEOUT",
  409: "CONFLICT",
  410: "EXPIRED",
  413: "IMAGE_TOO_LARGE",
  415: "UNSUPPORTED_FORMAT",
  422: "INVALID_INPUT",
  429: "RATE_LIMITED",
  503: "OVERLOADED",
  504: "TIMEOUT",
};

/** A refusal as the error that the server meant. */
export async function problemOf(response: Response): Promise<MaskeryError> {
  const problem = await readProblem(response);
  const code = maskeryErrorCodes.find((known) => known === problem["code"]);
  const text = [problem["detail"], problem["title"]].find((value) => typeof value === "string");
  const field = typeof problem["field"] === "string" ? problem["field"] : undefined;
  return new MaskeryError(
    code ?? codeOfStatus[response.status] ?? "UPSTREAM_FAILED",
    (text as string | undefined) ?? `The server answered with status ${response.status}.`,
    { field, cause: { status: response.status, problem } },
  );
}

async function readProblem(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  if (!/\bjson\b/.test(response.headers.get("content-type") ?? "")) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
