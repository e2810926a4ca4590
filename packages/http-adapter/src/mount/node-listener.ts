import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { SegmentationApi } from "../create-segmentation-api.js";
import { plainTextOf } from "../http/plain-body.js";
import { problemResponse } from "../http/problem.js";

/** Serves one request of a Node server. `mountPath` is the part of the path that belongs to the host application. */
export type NodeListener = (
  request: IncomingMessage,
  response: ServerResponse,
  mountPath: string,
) => Promise<void>;

/** The bridge that all mounts share. Leaves the global `Request` and `Response` alone. */
export function nodeListener(api: SegmentationApi): NodeListener {
  const mountPaths = new WeakMap<IncomingMessage, string>();
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const mountPath = mountPaths.get(incoming as IncomingMessage) ?? "";
      const response = await api.fetch(request, { mountPath });
      return writeAtOnce(response, outgoing as ServerResponse) ? RESPONSE_ALREADY_SENT : response;
    },
    { overrideGlobalObjects: false, errorHandler: (error) => problemResponse(error) },
  );
  return (request, response, mountPath) => {
    mountPaths.set(request, mountPath.replace(/\/+$/, ""));
    return listener(request, response);
  };
}

/** Writes an answer whose text is known. @returns Whether it was one. */
function writeAtOnce(response: Response, outgoing: ServerResponse): boolean {
  const text = plainTextOf(response);
  if (text === undefined || outgoing.headersSent || outgoing.destroyed) return false;
  const headers: Record<string, string | number> = Object.fromEntries(response.headers);
  headers["content-length"] = Buffer.byteLength(text);
  outgoing.writeHead(response.status, headers).end(text);
  return true;
}

/** The path of a request without its query. */
export function pathOf(url: string | undefined): string {
  return (url ?? "/").split("?", 1)[0]!;
}
