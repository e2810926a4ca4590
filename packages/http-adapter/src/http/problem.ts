import { MaskeryError, type MaskeryErrorCode, problemDetails } from "@maskery/core";
import { z } from "zod";
import type { TextAnswer } from "./answer.js";
import type { StatusOverrides } from "./status-overrides.js";

/** RFC 9457 problem details. `detail` is also where clients written for FastAPI look. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: "Names the kind of problem; stable.", example: "urn:maskery:problem:not-found" }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: "What was expected and what came." }),
    code: z.string().meta({ example: "NOT_FOUND" }),
    field: z
      .string()
      .optional()
      .meta({ description: "Path of the input at fault, for example `points[1].x`." }),
  })
  .meta({ id: "Problem" });

const titles: Partial<Record<MaskeryErrorCode, string>> = {
  INVALID_INPUT: "The request is not valid",
  UNSUPPORTED_FORMAT: "This format is not supported",
  CORRUPT_IMAGE: "The picture cannot be read",
  IMAGE_TOO_LARGE: "The picture is too large",
  NOT_FOUND: "Not found",
  EXPIRED: "Expired",
  TIMEOUT: "The work took too long",
  OVERLOADED: "Too much work at once",
  MODEL_UNAVAILABLE: "The model is not available",
  STORAGE_FAILED: "The server could not store it",
};

export interface ProblemOptions {
  readonly statusOverrides?: StatusOverrides | undefined;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number | undefined;
}

/** An error as its answer: never a stack, a path or a key. What is no `MaskeryError` leaves as a plain 500. */
export function problemAnswer(error: unknown, options: ProblemOptions = {}): TextAnswer {
  const code = MaskeryError.is(error) ? error.code : "INTERNAL";
  const problem = problemDetails(error, options.statusOverrides?.[code]);
  const { status, detail } = problem;
  const body: z.infer<typeof problemSchema> = { ...problem, title: titles[code] ?? detail };
  const retryAfter = options.retryAfterSeconds ?? (status === 503 ? 5 : undefined);
  return {
    status,
    headers: {
      "content-type": "application/problem+json",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    },
    text: JSON.stringify(body),
  };
}

const statusDescriptions: Readonly<Record<number, string>> = {
  400: "The request or the picture is not valid.",
  404: "There is no such session, mask or file.",
  409: "The request does not fit the present state.",
  410: "The session has ended.",
  413: "The file, the picture or the request is too large.",
  415: "Not a content type or format that is supported.",
  503: "The server is busy, or the model is not available now.",
  504: "The work took too long and was stopped.",
  507: "The server could not store it.",
};

/** The refusals of a route, for its documentation. */
export function problems(
  ...statuses: readonly number[]
): Record<number, { description: string; schema: typeof problemSchema }> {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: statusDescriptions[status] ?? "The request failed.", schema: problemSchema },
    ]),
  );
}
