import type { IncomingMessage, ServerResponse } from "node:http";
import type { SegmentationApi } from "../create-segmentation-api.js";
import type { MountOptions } from "./mount-options.js";
import { nodeListener } from "./node-listener.js";

/** The parts of Koa's context that the mount uses; so no type of Koa is needed. */
interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly path: string;
  respond?: boolean | undefined;
}

/** For `app.use(toKoa(api, { path: "/vision" }))`. What is not the API's goes on to the next middleware. */
export function toKoa(
  api: SegmentationApi,
  options: MountOptions = {},
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  const listen = nodeListener(api);
  const mountPath = (options.path ?? "").replace(/\/+$/, "");
  return async (context, next) => {
    const { path } = context;
    const inside = path === mountPath || path.startsWith(`${mountPath}/`);
    if (!inside || !api.handles(path.slice(mountPath.length) || "/")) {
      await next();
      return;
    }
    context.respond = false;
    await listen(context.req, context.res, mountPath);
  };
}
