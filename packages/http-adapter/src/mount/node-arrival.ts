import type { IncomingMessage, ServerResponse } from "node:http";
import type { Arrival } from "../http/arrival.js";
import { type NodeAddress, nodeAddress } from "./node-address.js";
import { nodeBody } from "./node-body.js";

/** A request as Node has read it, its body not yet. */
export class NodeArrival implements Arrival {
  readonly method: string;
  readonly mountPath: string;
  readonly #address: NodeAddress;
  readonly #incoming: IncomingMessage & { readonly rawBody?: unknown };
  readonly #outgoing: ServerResponse;
  #request: Request | undefined;
  #signal: AbortSignal | undefined;

  /** @throws MaskeryError `INVALID_INPUT` for an address that is none. */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse, mountPath: string) {
    this.method = incoming.method ?? "GET";
    this.mountPath = mountPath;
    this.#address = nodeAddress(incoming);
    this.#incoming = incoming;
    this.#outgoing = outgoing;
  }

  get origin(): string {
    return this.#address.origin;
  }

  get pathname(): string {
    return this.#address.pathname;
  }

  get search(): string {
    return this.#address.search;
  }

  get request(): Request {
    this.#request ??= this.#makeRequest();
    return this.#request;
  }

  get signal(): AbortSignal {
    this.#signal ??= whenGone(this.#outgoing);
    return this.#signal;
  }

  header(name: string): string | null {
    const value = this.#incoming.headers[name];
    return (Array.isArray(value) ? value.join(", ") : value) ?? null;
  }

  #makeRequest(): Request {
    const { method, origin, pathname, search, signal } = this;
    const { rawBody, rawHeaders } = this.#incoming;
    const headers = new Headers();
    for (let at = 0; at < rawHeaders.length; at += 2)
      // HTTP/2 has more than headers among them.
      if (!rawHeaders[at]!.startsWith(":")) headers.append(rawHeaders[at]!, rawHeaders[at + 1]!);
    const init: RequestInit & { duplex: "half" } = { method, headers, signal, duplex: "half" };
    if (method !== "GET" && method !== "HEAD")
      init.body = rawBody instanceof Uint8Array ? new Uint8Array(rawBody) : nodeBody(this.#incoming);
    return new Request(`${origin}${pathname}${search}`, init);
  }
}

/** Fires when the connection closes before the answer is written. */
function whenGone(outgoing: ServerResponse): AbortSignal {
  const gone = new AbortController();
  const onClose = () => {
    // Answers of HTTP/2 know only that they have ended.
    if (!(outgoing.writableFinished ?? outgoing.writableEnded))
      gone.abort(new DOMException("The client went away.", "AbortError"));
  };
  if (outgoing.destroyed) onClose();
  else outgoing.once("close", onClose);
  return gone.signal;
}
