import { ApiSessions } from "../../service/api-sessions.js";
import type { Services } from "../../service/services.js";
import { type DemoSessionData, sessionDataSchema } from "./demo-schemas.js";

export type DemoSessions = ApiSessions<typeof sessionDataSchema>;

/** @param stopTask - Called for a session that ends, with its task. */
export function demoSessions(
  lifetimeMs: number,
  stopTask: (sessionId: string, taskId: string | undefined) => void,
): DemoSessions {
  return new ApiSessions({
    api: "demo",
    lifetimeMs,
    schema: sessionDataSchema,
    discard: async ({ id, data }, services) => {
      stopTask(id, data.task?.id);
      await discardFiles(data, services);
    },
  });
}

/** Removes the files that a session has, or had. */
export async function discardFiles({ upload, task }: DemoSessionData, services: Services): Promise<void> {
  if (upload) {
    await services.objects.uploads.delete(upload.key);
    services.pictures.forget(services.objects.uploads, upload.key);
  }
  if (task?.outputKey) await services.objects.results.delete(task.outputKey);
}
