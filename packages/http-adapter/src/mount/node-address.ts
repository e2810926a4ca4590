import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { invalidInput } from "@maskery/core";

export interface NodeAddress {
  readonly origin: string;
  readonly pathname: string;
  /** With its question mark; empty where there is none. */
  readonly search: string;
}

/** With ports of four or five digits: the usual ones are left out of origins. */
const plainHost = /^[a-z0-9._-]+(?::(?:[1-9]\d{3}|[1-5]\d{4}|6[0-4]\d{3}))?$/;
/** No percent-encoding, no parts that begin with a dot: nothing that reading it as a URL would change. */
const plainTarget = /^(?:\/(?!\.)[\w.~-]*)+(?:\?[\w.~=&-]*)?$/;

/**
 * Where a request wants to go. Plain ones are taken as they are, others read as a URL.
 * @throws MaskeryError `INVALID_INPUT` for a host or a target that is none, or that could be read in two ways.
 */
export function nodeAddress(incoming: IncomingMessage): NodeAddress {
  const { url: target = "/", headers, socket } = incoming;
  const host = headers[":authority"]?.toString() || headers.host || "localhost";
  const scheme = (socket as TLSSocket | undefined)?.encrypted ? "https" : "http";
  const isPlainHost = plainHost.test(host);
  if (isPlainHost && plainTarget.test(target)) {
    const queryAt = target.indexOf("?");
    return queryAt < 0
      ? { origin: `${scheme}://${host}`, pathname: target, search: "" }
      : { origin: `${scheme}://${host}`, pathname: target.slice(0, queryAt), search: target.slice(queryAt) };
  }
  const origin = isPlainHost ? `${scheme}://${host}` : originOf(scheme, host);
  if (target.split("?", 1)[0]!.includes("\\")) throw invalidInput("path", "one without backslashes", target);
  const isWhole = /^https?:\/\//i.test(target);
  if (!isWhole && !target.startsWith("/")) throw invalidInput("path", "one that begins with a slash", target);
  const url = parsed(isWhole ? target : `${origin}${target}`, "path", target);
  return { origin: url.origin, pathname: url.pathname, search: url.search };
}

/** A host that says more than a name and a port (a path, a user) would lead links elsewhere. */
function originOf(scheme: string, host: string): string {
  const url = parsed(`${scheme}://${host}`, "host", host);
  const name = host.replace(/:\d*$/, "").toLowerCase();
  if (url.hostname !== name) throw invalidInput("host", "a name or an address, with or without a port", host);
  return url.origin;
}

function parsed(address: string, field: string, received: string): URL {
  try {
    return new URL(address);
  } catch (cause) {
    throw invalidInput(field, field === "host" ? "a name or an address" : "a path", received, cause);
  }
}
