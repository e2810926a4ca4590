import { defineRoute, json, type Route } from "../../../http/route.js";
import { remoteHealth } from "../../../service/remote-health.js";
import { healthSchema } from "../painter-answers.js";
import { type PainterContext, tag, timeouts } from "../painter-context.js";
import { timestamp } from "../painter-sessions.js";
import { cacheStatus } from "./cache.js";

export function healthRoute(context: PainterContext): Route {
  return defineRoute(
    {
      method: "GET",
      path: "/health",
      operationId: "health",
      summary: "Health check",
      tag,
      timeoutMs: timeouts.other,
      responses: {
        200: { description: "How the server is; `degraded` while the model is away.", schema: healthSchema },
      },
    },
    async (request) => {
      // The signal is made when somebody asks for it; a health check of a model that is there needs none.
      const { services } = request;
      const model = await services.model.status(request);
      const remote = services.remote && (await remoteHealth(services, request.signal));
      const status = await cacheStatus(context, services);
      return json({
        status: model.available && (remote?.status ?? "healthy") === "healthy" ? "healthy" : "degraded",
        modal_status:
          remote ??
          (model.available
            ? { status: "healthy", model: model.model, device: model.device }
            : { status: "unhealthy", reason: model.reason }),
        timestamp: timestamp(services.now()),
        sessions_count: status.total_sessions,
        cache_status: status,
      });
    },
  );
}
