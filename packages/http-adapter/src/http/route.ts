import type { z } from "zod";
import type { Services } from "../service/services.js";
import type { Answer, TextAnswer } from "./answer.js";
import type { StatusOverrides } from "./status-overrides.js";

export type RouteMethod = "GET" | "POST" | "DELETE";

/** A JSON request body. */
export interface JsonBody {
  readonly kind: "json";
  readonly schema: z.ZodType;
  /** Bound on a body that carries pictures; less where `maxFileBytes` in base64, and `maxJsonBytes`, are less. Default: `maxJsonBytes`. */
  readonly maxBytes?: number;
  /** Whether the request may come without a body. Default false. */
  readonly optional?: boolean;
  /** Whether its values may be about a person: then no refusal repeats what came. Default false. */
  readonly confidential?: boolean;
  readonly example?: unknown;
}

/** A multipart request body; the handler reads it with `readUpload`, as it streams in. */
export interface MultipartBody {
  readonly kind: "multipart";
  /** Describes the form for the documentation. */
  readonly schema: z.ZodType;
}

/** A request body of bytes; the handler reads it. */
export interface BinaryBody {
  readonly kind: "binary";
  readonly contentTypes: readonly string[];
}

/** One documented answer. */
export interface RouteResponse {
  readonly description: string;
  /** Shape of a JSON answer. */
  readonly schema?: z.ZodType;
  /** Media types of an answer that is no JSON. */
  readonly contentTypes?: readonly string[];
  /** Headers beyond the usual ones. */
  readonly headers?: z.ZodObject;
  readonly example?: unknown;
}

/** What a handler knows of the request. */
export interface RouteContext {
  readonly request: Request;
  /** Address under which the outside reaches this API, without a slash at its end: links begin with it. */
  readonly baseUrl: string;
  /** Values of the path, by name; checked by `params`. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The parsed JSON body; undefined where the route takes none. */
  readonly body: unknown;
  /** Fires when the client goes away, the route's time is over, or the API closes. */
  readonly signal: AbortSignal;
  readonly services: Services;
}

/** One operation of an API, as data: the router, the OpenAPI document and the client are made from it. */
export interface Route {
  readonly method: RouteMethod;
  /** OpenAPI form: `/session/{session_id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** Schemas of the path's values, as an object. */
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  /** Headers beyond the usual ones, for the documentation: the handler checks them. */
  readonly headers?: z.ZodObject;
  readonly body?: JsonBody | MultipartBody | BinaryBody;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Milliseconds until the work is stopped and answered with 504. */
  readonly timeoutMs: number;
  /** `model` routes take a place among the bounded number of requests that may run at once. Default `light`. */
  readonly weight?: "model" | "light";
  /** Statuses that this API documents for a code instead of the table's. */
  readonly statusOverrides?: StatusOverrides;
  readonly handle: (context: RouteContext) => Promise<Answer> | Answer;
}

type BodyOf<R> = R extends { body: { kind: "json"; schema: infer S extends z.ZodType } }
  ? z.output<S>
  : undefined;
type ParamsOf<R> = R extends { params: infer S extends z.ZodObject }
  ? z.output<S>
  : Readonly<Record<string, string>>;

/** States a route with the types of its schemas in the handler. */
export function defineRoute<const R extends Omit<Route, "handle">>(
  route: R,
  handle: (
    context: Omit<RouteContext, "body" | "params"> & {
      readonly body: BodyOf<R>;
      readonly params: ParamsOf<R>;
    },
  ) => Promise<Answer> | Answer,
): Route {
  return { ...route, handle: handle as Route["handle"] };
}

/** A JSON answer. */
export function json(value: unknown, status = 200): TextAnswer {
  const headers = { "content-type": "application/json; charset=utf-8" };
  return { status, headers, text: JSON.stringify(value) };
}
