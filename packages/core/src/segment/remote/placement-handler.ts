import type { Platform } from "../../backend/platform.js";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import { type PlacementRoutesOptions, placementRoutes } from "./placement-routes.js";
import { problemAnswer } from "./problem.js";
import { PLACEMENT_PROTOCOL_VERSION, PROTOCOL_HEADER, type ServedPlacement } from "./protocol.js";

export type PlacementHandlerOptions = PlacementRoutesOptions;

const versionHeaders = { [PROTOCOL_HEADER]: String(PLACEMENT_PROTOCOL_VERSION) };

/**
 * Serves a model, or one half of it, to `remoteEncoder` and `remoteDecoder`: `GET …/health`, `POST …/encode`, `POST …/decode`,
 * told apart by the end of the path, so it can be mounted anywhere. It asks nobody who they are and bounds no rates: mount it
 * behind what does. Errors are answers, as problem details; the function never rejects.
 * @param placement - Stays the caller's, who disposes it. A segmenter's own is `segmenter.placement`.
 */
export function placementHandler(
  placement: ServedPlacement,
  platform: Platform,
  options: PlacementHandlerOptions = {},
): (request: Request, call?: CallOptions) => Promise<Response> {
  const routes = placementRoutes(placement, platform, options);
  return async (request, call) => {
    try {
      const route = new URL(request.url).pathname.replace(/\/+$/, "").split("/").at(-1);
      if (route === "health") return refuseMethod(request, ["GET", "HEAD"]) ?? routes.health();
      if (route === "encode") return refuseMethod(request, ["POST"]) ?? (await routes.encode(request, call));
      if (route === "decode") return refuseMethod(request, ["POST"]) ?? (await routes.decode(request, call));
      throw new MaskeryError("NOT_FOUND", "path: expected one that ends in health, encode or decode");
    } catch (error) {
      return problemAnswer(error, versionHeaders);
    }
  };
}

/** The answer to a method that a route does not have. */
function refuseMethod({ method }: Request, methods: readonly string[]): Response | undefined {
  if (methods.includes(method)) return undefined;
  const headers = { ...versionHeaders, allow: methods.join(", ") };
  return problemAnswer(invalidInput("method", methods.join(" or "), method), headers, 405);
}
