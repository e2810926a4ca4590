import { defineRoute, json, type Route } from "../../../http/route.js";
import { type DemoContext, problem, SHORT_TIMEOUT_MS, tag } from "../demo-context.js";
import { createSessionSchema, demoSessionSchema } from "../demo-schemas.js";

export function createSessionRoute({ sessions }: DemoContext): Route {
  let lastNumber = 0;
  return defineRoute(
    {
      method: "POST",
      path: "/api/demo-sessions",
      operationId: "createDemoSession",
      summary: "Begin a session",
      tag,
      timeoutMs: SHORT_TIMEOUT_MS,
      body: { kind: "json", schema: createSessionSchema, example: { demo_type: "image_segmentation" } },
      responses: {
        200: { description: "The session.", schema: demoSessionSchema },
        400: problem("Not a demo of this server."),
        413: problem("The request is too large."),
        415: problem("No JSON."),
      },
    },
    async ({ body, services }) => {
      lastNumber = Math.max(lastNumber + 1, services.now().getTime() % 2 ** 31);
      const session = await sessions.create(services, { number: lastNumber, demoType: body.demo_type });
      return json({
        id: session.data.number,
        session_id: session.id,
        demo_type: session.data.demoType,
        created_at: session.createdAt.toISOString(),
      });
    },
  );
}
