import { abortError, MaskeryError } from "@maskery/core";
import type { Dispatcher } from "undici";
import { version } from "../../package.json";
import { asNetworkFailure } from "./network-error.js";
import { readAhead } from "./read-ahead.js";
import type { NetworkSettings } from "./store-settings.js";

const mostRedirects = 8;

/** Until the connection stands, until the answer begins, and between two pieces of it. */
const timeoutMs = 30_000;

/** The public hub; its signed addresses lie elsewhere and never see the token. */
const hubHost = "huggingface.co";

export interface HttpResponse {
  readonly status: number;
  /** A header's value, or the first of several. Names in lower case. */
  header(name: string): string | undefined;
  /** Read once. Everything that arrives before the connection breaks is given out before the failure. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Gives up what was not read. */
  drop(): void;
}

export interface HttpClient {
  /** Follows redirects, within limits. @throws MaskeryError `MODEL_UNAVAILABLE`, `ABORTED`; PassingFailure. */
  get(address: URL, headers: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<HttpResponse>;
  close(): Promise<void>;
}

/** A client with connections of its own that honours the proxy settings. Loads undici. */
export async function createHttpClient(network: NetworkSettings): Promise<HttpClient> {
  const { EnvHttpProxyAgent, request } = await import("undici");
  const { httpProxy, httpsProxy, noProxy, hubToken } = network;
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy,
    httpsProxy,
    noProxy,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  const get: HttpClient["get"] = async (address, headers, signal) => {
    let current = address;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const response = await send(current, headers, signal);
      const location = response.header("location");
      if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
      response.drop();
      current = redirectTarget(current, location);
    }
    throw unavailable(address, `more than ${mostRedirects} redirects`);
  };

  const send = async (
    address: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResponse> => {
    const isHub = address.protocol === "https:" && address.hostname === hubHost;
    const answer = await request(address, {
      dispatcher,
      method: "GET",
      headers: {
        "user-agent": `maskery/${version}`,
        // The file itself, byte for byte: ranges and lengths count compressed bytes otherwise.
        "accept-encoding": "identity",
        ...headers,
        ...(isHub && hubToken !== undefined && { authorization: `Bearer ${hubToken}` }),
      },
      ...(signal && { signal }),
    }).catch((error: unknown) => {
      throw signal?.aborted ? abortError(signal) : asNetworkFailure(error, address.host);
    });
    return toResponse(answer);
  };

  return { get, close: () => dispatcher.destroy() };
}

function toResponse({ statusCode, headers, body }: Dispatcher.ResponseData): HttpResponse {
  return {
    status: statusCode,
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    chunks: readAhead(body),
    drop: () => void body.destroy(),
  };
}

function redirectTarget(from: URL, location: string): URL {
  const target = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (!target || !/^https?:$/.test(target.protocol))
    throw unavailable(from, "it redirects to something that is no web address");
  if (from.protocol === "https:" && target.protocol === "http:")
    throw unavailable(from, "it redirects from https to http");
  return target;
}

function unavailable(address: URL, problem: string): MaskeryError {
  return new MaskeryError("MODEL_UNAVAILABLE", `${address.host}: ${problem}`);
}
