import { MaskeryError } from "@maskery/core";
import { defineRoute, json, type Route } from "../../../http/route.js";
import {
  type DemoContext,
  demoFileLink,
  problem,
  SHORT_TIMEOUT_MS,
  sessionParams,
  tag,
} from "../demo-context.js";
import { resultsSchema } from "../demo-schemas.js";

export function resultsRoute(context: DemoContext): Route {
  return defineRoute(
    {
      method: "GET",
      path: "/api/sessions/{session_id}/results",
      operationId: "demoSessionResults",
      summary: "Segments, pictures and description",
      tag,
      timeoutMs: SHORT_TIMEOUT_MS,
      params: sessionParams,
      responses: {
        200: { description: "The results.", schema: resultsSchema },
        404: problem("No such session."),
        409: problem("The work is not done, or it failed."),
        410: problem("The session has ended."),
      },
    },
    async ({ params, services, baseUrl }) => {
      const { data } = await context.sessions.get(services, params.session_id);
      const { task, upload } = data;
      if (!upload || !task?.results || !task.outputKey)
        throw new MaskeryError(
          "CONFLICT",
          `session_id: expected a session whose work is completed, received one whose work is ${task?.status ?? "not begun"}`,
          { field: "session_id" },
        );
      return json({
        input_image_url: demoFileLink(baseUrl, context, upload.key),
        output_image_url: demoFileLink(baseUrl, context, task.outputKey),
        ...task.results,
      });
    },
  );
}
