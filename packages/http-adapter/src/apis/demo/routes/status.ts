import { defineRoute, json, type Route } from "../../../http/route.js";
import { type DemoContext, problem, SHORT_TIMEOUT_MS, sessionParams, tag } from "../demo-context.js";
import { taskStatusSchema } from "../demo-schemas.js";

export function statusRoute({ sessions, tasks }: DemoContext): Route {
  return defineRoute(
    {
      method: "GET",
      path: "/api/sessions/{session_id}/status",
      operationId: "demoSessionStatus",
      summary: "How far the work is",
      tag,
      timeoutMs: SHORT_TIMEOUT_MS,
      params: sessionParams,
      responses: {
        200: { description: "The state of the work.", schema: taskStatusSchema },
        404: problem("No such session."),
        410: problem("The session has ended."),
      },
    },
    async ({ params, services }) => {
      const { data, id } = await sessions.get(services, params.session_id);
      if (!data.task) {
        const message = data.upload ? "Waiting for segmentation to be started" : "Waiting for an image";
        return json({ status: "processing", progress: 0, message });
      }
      const { status: state, progress, message } = data.task;
      // A server that was restarted has lost the work, and must not let a client wait for ever.
      if (state === "processing" && !tasks.isRunning(id, data.task.id))
        return json({
          status: "failed",
          progress,
          message: "The work was interrupted; please start it again.",
        });
      return json({ status: state, progress, message });
    },
  );
}
