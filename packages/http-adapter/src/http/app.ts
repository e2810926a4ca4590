import { MaskeryError, schemaError, throwIfAborted } from "@maskery/core";
import type { z } from "zod";
import type { Cors } from "../guards/cors.js";
import { readJson } from "../guards/read-json.js";
import { securityHeaders } from "../guards/security-headers.js";
import type { Services } from "../service/services.js";
import { type Answer, withHeaders } from "./answer.js";
import { type Arrival, pathInside, withoutEndSlash } from "./arrival.js";
import { PathRouter } from "./path-router.js";
import { problemAnswer } from "./problem.js";
import { RequestContext } from "./request-context.js";
import type { Route } from "./route.js";

/** A route under the path where it is mounted. */
export interface MountedRoute {
  readonly route: Route;
  readonly prefix: string;
}

export interface AppOptions {
  readonly routes: readonly MountedRoute[];
  readonly services: Services;
  readonly cors: Cors | undefined;
  readonly closing: AbortSignal;
  /** Where the outside reaches the API, without a slash at its end. Default: what each request says. */
  readonly publicUrl?: string | undefined;
  /** Milliseconds by operation id, instead of the documented ones. */
  readonly timeoutsMs?: Readonly<Record<string, number>> | undefined;
}

export interface App {
  /** Never rejects: errors are answers. */
  answer(arrival: Arrival): Promise<Answer>;
  /** Whether some route lies at this path, for whichever method. */
  handles(path: string): boolean;
}

/** What lies at one path. */
interface Place {
  readonly routes: readonly Route[];
  readonly methods: readonly string[];
}

/** Answers requests by the table of routes. */
export function createApp({ routes, services, cors, closing, publicUrl, timeoutsMs = {} }: AppOptions): App {
  const router = new PathRouter(placesOf(routes));

  async function answer(arrival: Arrival): Promise<Answer> {
    const found = router.find(pathInside(arrival));
    if (!found) return problemAnswer(new MaskeryError("NOT_FOUND", "There is nothing at this address."));
    const { routes, methods } = found.value;
    const method = arrival.method === "HEAD" ? "GET" : arrival.method;
    const candidates = routes.filter((route) => route.method === method);
    if (candidates.length > 0) return run(byContentType(candidates, arrival), arrival, found.params);
    // What the path does not take: preflights and other methods.
    const preflight = cors?.preflight(arrival, methods);
    if (preflight) return preflight;
    const refusal = new MaskeryError(
      "INVALID_INPUT",
      `method: expected ${methods.join(" or ")}, received ${arrival.method}`,
    );
    return withHeaders(problemAnswer(refusal, { statusOverrides: { INVALID_INPUT: 405 } }), {
      allow: methods.join(", "),
    });
  }

  async function run(
    route: Route,
    arrival: Arrival,
    params: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const timeoutMs = timeoutsMs[route.operationId] ?? route.timeoutMs;
    let context: RequestContext | undefined;
    try {
      throwIfAborted(closing);
      const checkedParams = checked(route.params, params);
      const made = new RequestContext({
        arrival,
        params: checkedParams,
        services,
        publicUrl,
        timeoutMs,
        closing,
      });
      context = made;
      if (route.query) checked(route.query, Object.fromEntries(made.query));
      if (route.body?.kind === "json")
        made.body = await readJson(made.request, route.body, services.limits, made.signal);
      if (route.weight !== "model") return await route.handle(made);
      return await services.slots.run(async () => route.handle(made), { signal: made.signal });
    } catch (caught) {
      const error = asSeenOutside(caught, closing);
      report(error, route, services);
      return problemAnswer(error, { statusOverrides: route.statusOverrides });
    } finally {
      context?.release();
    }
  }

  return {
    handles: (path) => router.find(withoutEndSlash(path)) !== undefined,
    async answer(arrival) {
      let given: Answer;
      try {
        given = await answer(arrival);
      } catch (error) {
        services.logger.error({ error }, "A request failed.");
        given = problemAnswer(error);
      }
      const safe = withHeaders(given, securityHeaders, { keep: true });
      return cors ? withHeaders(safe, cors.headersFor(arrival)) : safe;
    },
  };
}

function placesOf(routes: readonly MountedRoute[]): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const { route, prefix } of routes) {
    const path = withoutEndSlash(`${prefix}${route.path}`);
    const group = [...(places.get(path)?.routes ?? []), route];
    const methods = new Set<string>(group.map(({ method }) => method));
    if (methods.has("GET")) methods.add("HEAD");
    places.set(path, { routes: group, methods: [...methods] });
  }
  return places;
}

/** Two documents may claim one path for different kinds of bodies. */
function byContentType(candidates: readonly Route[], arrival: Arrival): Route {
  if (candidates.length === 1) return candidates[0]!;
  const multipart = /^multipart\//i.test(arrival.header("content-type") ?? "");
  return candidates.find((route) => (route.body?.kind === "multipart") === multipart) ?? candidates[0]!;
}

function checked(schema: z.ZodObject | undefined, values: Record<string, string>): Record<string, string> {
  if (!schema) return values;
  const parsed = schema.safeParse(values);
  if (!parsed.success) throw schemaError(parsed.error, values, "");
  return parsed.data as Record<string, string>;
}

/** A request that ends because the server stops is no request that the client gave up. */
function asSeenOutside(error: unknown, closing: AbortSignal): unknown {
  return closing.aborted && MaskeryError.is(error) && error.code === "ABORTED"
    ? new MaskeryError("DISPOSED", "The server is stopping.", { cause: error })
    : error;
}

/** What somebody who runs the server should see to. */
const failures: ReadonlySet<string> = new Set([
  "INTERNAL",
  "INFERENCE_FAILED",
  "STORAGE_FAILED",
  "UPSTREAM_FAILED",
]);
/** What passes, or not, without them. */
const unavailable: ReadonlySet<string> = new Set([
  "OVERLOADED",
  "TIMEOUT",
  "OUT_OF_MEMORY",
  "DEVICE_UNAVAILABLE",
]);

function report(error: unknown, route: Route, { logger }: Services): void {
  const code = MaskeryError.is(error) ? error.code : "INTERNAL";
  const fields = { operation: route.operationId, code, error };
  if (failures.has(code)) logger.error(fields, "A request failed.");
  else if (code.startsWith("MODEL_") || unavailable.has(code))
    logger.warn(fields, "A request could not be served.");
  else logger.debug(fields, "A request was refused.");
}
