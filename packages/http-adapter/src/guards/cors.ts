export interface CorsOptions {
  /** Origins that may read answers, such as `https://app.example.com`; `"*"` for any. Default `"*"`. */
  readonly origins?: "*" | readonly string[];
  /** Whether browsers may send cookies and authorization. Needs named origins. Default false. */
  readonly credentials?: boolean;
  /** Seconds that a browser may remember the answer to a preflight. Default 600. */
  readonly maxAgeSeconds?: number;
}

/** Answers cross-origin questions by the Fetch standard. Never reflects an origin that was not named. */
export class Cors {
  readonly #options: CorsOptions;

  /** @throws RangeError for credentials with any origin, which browsers refuse and attackers love. */
  constructor(options: CorsOptions) {
    if (options.credentials && (options.origins ?? "*") === "*")
      throw new RangeError(
        'cors.origins: expected a list of origins where credentials are allowed, received "*"',
      );
    this.#options = options;
  }

  /** The answer to a preflight, still without what `apply` adds to every answer; undefined when the request is none. */
  preflight(request: Request, methods: readonly string[]): Response | undefined {
    if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method"))
      return undefined;
    const response = new Response(null, { status: 204 });
    response.headers.set("access-control-allow-methods", methods.join(", "));
    const wanted = request.headers.get("access-control-request-headers");
    if (wanted) response.headers.set("access-control-allow-headers", wanted);
    response.headers.set("access-control-max-age", String(this.#options.maxAgeSeconds ?? 600));
    response.headers.set("vary", "Access-Control-Request-Headers");
    return response;
  }

  apply(request: Request, response: Response): void {
    const { origins = "*", credentials } = this.#options;
    if (origins === "*") {
      response.headers.set("access-control-allow-origin", "*");
    } else {
      response.headers.append("vary", "Origin");
      const origin = request.headers.get("origin");
      if (origin === null || !origins.includes(origin)) return;
      response.headers.set("access-control-allow-origin", origin);
      if (credentials) response.headers.set("access-control-allow-credentials", "true");
    }
    response.headers.set("access-control-expose-headers", "Content-Disposition, Retry-After");
  }
}
