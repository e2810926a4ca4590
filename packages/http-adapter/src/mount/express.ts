import type { IncomingMessage, ServerResponse } from "node:http";
import type { SegmentationApi } from "../create-segmentation-api.js";
import { nodeListener, pathOf } from "./node-listener.js";

/** The parts of Express's request that the mount looks at; so no type of Express is needed. */
type ExpressRequest = IncomingMessage & {
  readonly baseUrl?: string;
  readonly originalUrl?: string;
  readonly body?: unknown;
  rawBody?: unknown;
};

/**
 * For `app.use("/vision", toExpress(api))`. What is not the API's goes on to the next handler. Works before and after body
 * parsers.
 */
export function toExpress(
  api: SegmentationApi,
): (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void {
  const listen = nodeListener(api);
  return (request: ExpressRequest, response, next) => {
    if (!api.handles(pathOf(request.url))) {
      next();
      return;
    }
    const ownUrl = request.url;
    if (request.originalUrl !== undefined) request.url = request.originalUrl;
    restoreBody(request);
    listen(request, response, request.baseUrl ?? "").catch(next);
    if (ownUrl !== undefined) request.url = ownUrl;
  };
}

/** A body parser that came first has read the stream; what it made of it is written out again. */
function restoreBody(request: ExpressRequest): void {
  if (!request.readableEnded || request.body === undefined || request.rawBody !== undefined) return;
  const { body } = request;
  if (Buffer.isBuffer(body)) request.rawBody = body;
  else request.rawBody = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
