import { MaskeryError } from "@maskery/core";
import { errorCode } from "../files/error-code.js";

/** The connection broke or the server did not answer in time: the next attempt may work. */
const passingCodes: ReadonlySet<string> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_SOCKET",
]);

const hostProblems: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the server refuses connections",
  ENOTFOUND: "there is no such server",
  EHOSTUNREACH: "the server cannot be reached",
  ENETUNREACH: "the network cannot be reached",
};

/** Codes of undici, of TLS and of the HTTP parser. Those of the file system look alike and are none of these. */
const networkCodes = /^(UND_ERR_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO$|HPE_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** An attempt that failed in a way that may pass. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number | undefined,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** What a failed request means. Errors that are no failure of the network come back as they are. */
export function asNetworkFailure(error: unknown, host: string): unknown {
  const code = networkCode(error);
  if (MaskeryError.is(error) || error instanceof PassingFailure || code === undefined) return error;
  const isNetwork = passingCodes.has(code) || Object.hasOwn(hostProblems, code) || networkCodes.test(code);
  if (!isNetwork) return error;
  if (passingCodes.has(code))
    return new PassingFailure(`the connection to ${host} broke (${code})`, undefined, error);
  const detail = error instanceof Error ? `: ${error.message}` : "";
  const problem = hostProblems[code] ?? `the request failed (${code}${detail})`;
  return new MaskeryError("MODEL_UNAVAILABLE", `${host}: ${problem}`, { cause: error });
}

/** undici wraps some failures of the socket; the code that says what happened is then that of the cause. */
function networkCode(error: unknown): string | undefined {
  const own = errorCode(error);
  if (own !== undefined && own !== "UND_ERR_SOCKET") return own;
  const cause = error instanceof Error ? errorCode(error.cause) : undefined;
  return cause ?? own;
}
