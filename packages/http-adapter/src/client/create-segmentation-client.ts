import { invalidInput } from "@maskery/core";
import { ClinicalClient } from "./clinical-client.js";
import { DemoClient } from "./demo-client.js";
import { PainterClient } from "./painter-client.js";
import { type RequestOptions, Transport } from "./transport.js";
import type { ServerDocumentation } from "./wire-types.js";

const DOCUMENTATION_TIMEOUT_MS = 15_000;

export interface ClientOptions {
  /** Where the server answers, for example `https://example.com/vision`. */
  readonly baseUrl: string | URL;
  /** Sent with every request, for example authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds until a request is given up. Default: a little more than the server gives each kind of work. */
  readonly timeoutMs?: number;
  /** Paths that the server puts before the documented ones of an API, as its `apis.painter.prefix`. Default none. */
  readonly prefixes?: {
    readonly demo?: string;
    readonly painter?: string;
    readonly clinical?: string;
  };
}

/** The three documented APIs of one server. */
export interface SegmentationClient {
  readonly demo: DemoClient;
  readonly painter: PainterClient;
  readonly clinical: ClinicalClient;
  /** `GET /`: which endpoints the server has, and where its documentation is. */
  documentation(options?: RequestOptions): Promise<ServerDocumentation>;
}

/**
 * Makes a client of a Maskery server, for Node and browsers. Nothing is sent before a method is called.
 * @throws MaskeryError `INVALID_INPUT` for a `baseUrl` that is no address.
 */
export function createSegmentationClient(options: ClientOptions): SegmentationClient {
  const baseUrl = parseBase(options.baseUrl);
  const transport = (prefix = "") =>
    new Transport({
      baseUrl: `${baseUrl}${prefix}`,
      // Browsers refuse a `fetch` that is called as a method of something else.
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
      headers: options.headers ?? {},
      timeoutMs: options.timeoutMs,
    });
  const { demo, painter, clinical } = options.prefixes ?? {};
  return {
    demo: new DemoClient(transport(demo)),
    painter: new PainterClient(transport(painter), baseUrl),
    clinical: new ClinicalClient(transport(clinical)),
    documentation: (requestOptions) =>
      transport().json(
        { method: "GET", path: "/", defaultTimeoutMs: DOCUMENTATION_TIMEOUT_MS },
        requestOptions,
      ),
  };
}

function parseBase(baseUrl: string | URL): string {
  const text = String(baseUrl);
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw invalidInput("baseUrl", "an address such as http://localhost:8000", text, cause);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw invalidInput("baseUrl", "an address that begins with http: or https:", text);
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}
