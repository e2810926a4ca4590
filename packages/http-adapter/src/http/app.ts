import { MaskeryError, schemaError, throwIfAborted } from "@maskery/core";
import { Hono } from "hono";
import type { z } from "zod";
import type { Cors } from "../guards/cors.js";
import { readJson } from "../guards/read-json.js";
import { requestSignal } from "../guards/request-signal.js";
import { addSecurityHeaders } from "../guards/security-headers.js";
import type { Services } from "../service/services.js";
import { problemResponse } from "./problem.js";
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
  /** Milliseconds by operation id, instead of the documented ones. */
  readonly timeoutsMs?: Readonly<Record<string, number>> | undefined;
}

/** What the way to the API adds to a request. */
export interface Arrival {
  /** The path to route by: what is left of the request's path inside the mount. */
  readonly path: string;
  /** Where the outside reaches the API, without a slash at its end: `https://example.com/vision`. */
  readonly baseUrl: string;
}

export interface App {
  fetch(request: Request, arrival: Arrival): Promise<Response>;
  /** Whether some route lies at this path, for whichever method. */
  handles(path: string): boolean;
}

/** Answers requests by the table of routes. */
export function createApp({ routes, services, cors, closing, timeoutsMs = {} }: AppOptions): App {
  // Trailing slashes are gone before the router looks: they never change the answer.
  const router = new Hono<{ Bindings: Arrival }>({ getPath: routedPath });
  for (const [path, group] of groupByPath(routes)) {
    const routeMethods = new Set(group.map(({ route }) => route.method));
    const methods = [...routeMethods, ...(routeMethods.has("GET") ? ["HEAD"] : [])];
    // One handler for all methods: where several match, the router calls them through a chain, which costs as much again.
    const byMethod = new Map(
      [...routeMethods].map((method) => [
        method as string,
        group.flatMap(({ route }) => (route.method === method ? [route] : [])),
      ]),
    );
    router.all(path, (context) => {
      const { raw } = context.req;
      const candidates = byMethod.get(raw.method === "HEAD" ? "GET" : raw.method);
      if (candidates)
        return answer(
          byContentType(candidates, raw),
          raw,
          context.req.param() as Record<string, string>,
          context.env.baseUrl,
        );
      // What the path does not take: preflights and other methods.
      const preflight = cors?.preflight(raw, methods);
      if (preflight) return preflight;
      const refusal = problemResponse(
        new MaskeryError(
          "INVALID_INPUT",
          `method: expected ${methods.join(" or ")}, received ${context.req.method}`,
        ),
        {
          statusOverrides: { INVALID_INPUT: 405 },
        },
      );
      refusal.headers.set("allow", methods.join(", "));
      return refusal;
    });
  }
  router.notFound(() => problemResponse(new MaskeryError("NOT_FOUND", "There is nothing at this address.")));

  async function answer(
    route: Route,
    request: Request,
    params: Record<string, string>,
    baseUrl: string,
  ): Promise<Response> {
    const timeoutMs = timeoutsMs[route.operationId] ?? route.timeoutMs;
    const { signal, release } = requestSignal(request, timeoutMs, closing);
    try {
      throwIfAborted(signal);
      const query = new URL(request.url).searchParams;
      checked(route.query, Object.fromEntries(query));
      const context = {
        request,
        baseUrl,
        params: checked(route.params, params),
        query,
        body:
          route.body?.kind === "json"
            ? await readJson(request, route.body, services.limits.maxJsonBytes, signal)
            : undefined,
        signal,
        services,
      };
      return route.weight === "model"
        ? await services.slots.run(async () => route.handle(context), { signal })
        : await route.handle(context);
    } catch (caught) {
      const error = asSeenOutside(caught, closing);
      report(error, route, services);
      return problemResponse(error, { statusOverrides: route.statusOverrides });
    } finally {
      release();
    }
  }

  return {
    handles: (path) => router.router.match("GET", withoutEndSlash(path))[0].length > 0,
    async fetch(request, arrival) {
      let response: Response;
      try {
        response = await router.fetch(request, arrival);
      } catch (error) {
        services.logger.error({ error }, "A request failed.");
        response = problemResponse(error);
      }
      addSecurityHeaders(response);
      cors?.apply(request, response);
      return response;
    },
  };
}

function routedPath(_request: Request, options?: { env?: unknown }): string {
  const arrival = options?.env as Arrival | undefined;
  return withoutEndSlash(arrival?.path ?? "/");
}

function withoutEndSlash(path: string): string {
  const plain = path.replace(/\/+$/, "");
  return plain === "" ? "/" : plain;
}

function groupByPath(routes: readonly MountedRoute[]): Map<string, MountedRoute[]> {
  const groups = new Map<string, MountedRoute[]>();
  for (const mounted of routes) {
    const path = `${mounted.prefix}${mounted.route.path}`.replaceAll(/\{(\w+)\}/g, ":$1");
    const group = groups.get(path);
    if (group) group.push(mounted);
    else groups.set(path, [mounted]);
  }
  return groups;
}

/** Two documents may claim one path for different kinds of bodies. */
function byContentType(candidates: readonly Route[], request: Request): Route {
  const multipart = /^multipart\//i.test(request.headers.get("content-type") ?? "");
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

function report(error: unknown, route: Route, { logger }: Services): void {
  const code = MaskeryError.is(error) ? error.code : "INTERNAL";
  const fields = { operation: route.operationId, code, error };
  if (code === "INTERNAL" || code === "INFERENCE_FAILED" || code === "STORAGE_FAILED")
    logger.error(fields, "A request failed.");
  else if (code.startsWith("MODEL_") || code === "OVERLOADED" || code === "TIMEOUT")
    logger.warn(fields, "A request could not be served.");
  else logger.debug(fields, "A request was refused.");
}
