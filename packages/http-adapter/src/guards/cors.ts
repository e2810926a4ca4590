import { EMBEDDING_HEADER, invalidInput, PROTOCOL_HEADER } from "@maskery/core";
import type { Arrival } from "../http/arrival.js";

export interface CorsOptions {
  /** Origins that may read answers, such as `https://app.example.com`; `"*"` for any. Default `"*"`. */
  readonly origins?: "*" | readonly string[];
  /** Whether browsers may send cookies and authorization. Needs named origins. Default false. */
  readonly credentials?: boolean;
  /** Seconds that a browser may remember the answer to a preflight. Default 600. */
  readonly maxAgeSeconds?: number;
}

/** What scripts may read beyond the usual headers; those of a placement are read by remote encoders in browsers. */
const EXPOSED_HEADERS = ["Content-Disposition", "Retry-After", PROTOCOL_HEADER, EMBEDDING_HEADER].join(", ");

const forAnyOrigin: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": EXPOSED_HEADERS,
};

/** Answers cross-origin questions by the Fetch standard. Never reflects an origin that was not named. */
export class Cors {
  readonly #options: CorsOptions;

  /** @throws MaskeryError `INVALID_INPUT` for credentials with any origin, which browsers refuse and attackers love. */
  constructor(options: CorsOptions) {
    if (options.credentials && (options.origins ?? "*") === "*")
      throw invalidInput("cors.origins", "a list of origins where credentials are allowed", "*");
    this.#options = options;
  }

  /** The answer to a preflight, still without the headers of every answer; undefined when the request is none. */
  preflight(arrival: Arrival, methods: readonly string[]): Response | undefined {
    if (arrival.method !== "OPTIONS" || arrival.header("access-control-request-method") === null)
      return undefined;
    const response = new Response(null, { status: 204 });
    response.headers.set("access-control-allow-methods", methods.join(", "));
    const wanted = arrival.header("access-control-request-headers");
    if (wanted) response.headers.set("access-control-allow-headers", wanted);
    response.headers.set("access-control-max-age", String(this.#options.maxAgeSeconds ?? 600));
    response.headers.set("vary", "Access-Control-Request-Headers");
    return response;
  }

  /** What every answer to the request carries. */
  headersFor(arrival: Arrival): Readonly<Record<string, string>> {
    const { origins = "*", credentials } = this.#options;
    if (origins === "*") return forAnyOrigin;
    const origin = arrival.header("origin");
    if (origin === null || !origins.includes(origin)) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origin,
      ...(credentials && { "access-control-allow-credentials": "true" }),
      "access-control-expose-headers": EXPOSED_HEADERS,
    };
  }
}
