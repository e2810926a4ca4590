import type { IncomingMessage, ServerResponse } from "node:http";
import type { SegmentationApi } from "../create-segmentation-api.js";
import type { MountOptions } from "./mount-options.js";
import { nodeListener } from "./node-listener.js";

/** For `createServer(toNode(api))`. */
export function toNode(
  api: SegmentationApi,
  options: MountOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const listen = nodeListener(api);
  return (request, response) => void listen(request, response, options.path ?? "");
}
