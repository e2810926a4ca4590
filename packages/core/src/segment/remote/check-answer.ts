import type { MaskeryErrorCode } from "../../errors.js";
import { FailedAttempt } from "./failed-attempt.js";
import { readRetryAfter } from "./pause-before-retry.js";
import { readRefusal } from "./problem.js";
import { PLACEMENT_PROTOCOL_VERSION, PROTOCOL_HEADER } from "./protocol.js";

/** The same question may be answered a little later. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** It will not, whatever the status. */
const lastingCodes: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "INFERENCE_FAILED",
  "MODEL_CORRUPT",
  "MODEL_NOT_FOUND",
]);

/** @throws FailedAttempt for everything but the answer of a placement that speaks our version. */
export function checkAnswer(host: string, { status, type, headers }: Response, bytes: Uint8Array): void {
  if (type === "opaqueredirect" || (status >= 300 && status < 400))
    throw new FailedAttempt({
      host,
      code: "UPSTREAM_FAILED",
      reason: "it leads to another address; pictures are not sent there",
      passing: false,
    });
  if (status !== 200) {
    const { code, detail, field } = readRefusal(status, bytes);
    throw new FailedAttempt({
      host,
      code,
      reason: detail,
      passing: passingStatuses.has(status) && !lastingCodes.has(code),
      retryAfterMs: readRetryAfter(headers.get("retry-after")),
      field,
    });
  }
  const version = headers.get(PROTOCOL_HEADER);
  if (version === String(PLACEMENT_PROTOCOL_VERSION)) return;
  const came = version === null ? "no placement's answer" : `version ${version}`;
  throw new FailedAttempt({
    host,
    code: "UPSTREAM_FAILED",
    reason: `expected a placement that speaks version ${PLACEMENT_PROTOCOL_VERSION}, received ${came}`,
    passing: false,
  });
}
