import type { SegmentationApi } from "../create-segmentation-api.js";
import type { MountOptions } from "./mount-options.js";

/** The parts of Hono's context that the mount uses. */
interface HonoContext {
  readonly req: { readonly raw: Request; readonly path: string };
}

/** For `app.all("/vision/*", toHono(api, { path: "/vision" }))`. What is not the API's goes on to the next handler. */
export function toHono(
  api: SegmentationApi,
  options: MountOptions = {},
): (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  const mountPath = (options.path ?? "").replace(/\/+$/, "");
  return async ({ req }, next) => {
    const inside = req.path === mountPath || req.path.startsWith(`${mountPath}/`);
    if (inside && api.handles(req.path.slice(mountPath.length) || "/"))
      return api.fetch(req.raw, { mountPath });
    await next();
    return undefined;
  };
}
