import { randomUUID } from "node:crypto";
import { MaskeryError } from "@maskery/core";
import { defineRoute, json, type Route } from "../../../http/route.js";
import { type DemoContext, problem, SHORT_TIMEOUT_MS, tag } from "../demo-context.js";
import { type DemoSessionData, startedTaskSchema, startTaskSchema } from "../demo-schemas.js";

export function startTaskRoute({ sessions, tasks }: DemoContext): Route {
  return defineRoute(
    {
      method: "POST",
      path: "/api/image-segmentation",
      operationId: "startDemoSegmentation",
      summary: "Segment the session's picture",
      tag,
      timeoutMs: SHORT_TIMEOUT_MS,
      body: {
        kind: "json",
        schema: startTaskSchema,
        example: { session_id: "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e" },
      },
      responses: {
        200: { description: "The work has begun.", schema: startedTaskSchema },
        400: problem("The session has no picture yet."),
        404: problem("No such session."),
        409: problem("The session's picture is being segmented already."),
        410: problem("The session has ended."),
        413: problem("The request is too large."),
        415: problem("No JSON."),
        503: problem("The server works on as many pictures as it can; Retry-After says when to come again."),
      },
    },
    async ({ body, services }) => {
      const taskId = randomUUID();
      // Better said now than found in the status later.
      services.slots.throwIfFull();
      let chosen: DemoSessionData["upload"];
      let outdated: string | undefined;
      const session = await sessions.update(services, body.session_id, (data) => {
        if (!data.upload)
          throw new MaskeryError(
            "INVALID_INPUT",
            "session_id: expected a session with an uploaded picture, received one without",
            { field: "session_id" },
          );
        if (data.task?.status === "processing" && tasks.isRunning(body.session_id, data.task.id))
          throw new MaskeryError(
            "CONFLICT",
            "session_id: the session's picture is being segmented already.",
            { field: "session_id" },
          );
        chosen = data.upload;
        outdated = data.task?.outputKey;
        return {
          ...data,
          task: { id: taskId, status: "processing", progress: 0, message: "Waiting for a place" },
        };
      });
      tasks.begin(services, session.id, taskId, chosen!);
      if (outdated) await services.objects.results.delete(outdated);
      return json({ task_id: taskId, status: "processing", message: "Image segmentation started" });
    },
  );
}
