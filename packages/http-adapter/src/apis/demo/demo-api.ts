import { sweepFiles } from "../../service/sweep-files.js";
import type { ApiModule } from "../api-module.js";
import type { DemoContext } from "./demo-context.js";
import { demoSessions } from "./demo-sessions.js";
import { DemoTasks, type DemoTasksOptions } from "./demo-task.js";
import { createSessionRoute } from "./routes/create-session.js";
import { fileRoute } from "./routes/file.js";
import { resultsRoute } from "./routes/results.js";
import { startTaskRoute } from "./routes/start-task.js";
import { statusRoute } from "./routes/status.js";
import { uploadRoute } from "./routes/upload.js";

export interface DemoOptions extends DemoTasksOptions {
  /** Milliseconds that a session and its files live. Default one hour. */
  readonly sessionLifetimeMs?: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** Sessions, upload, a task with progress, results with segments and a description: `demo.md`. */
export function demoApi(options: DemoOptions & { readonly prefix?: string } = {}): ApiModule {
  const lifetimeMs = options.sessionLifetimeMs ?? HOUR_MS;
  const sessions = demoSessions(lifetimeMs, (sessionId, taskId) => tasks.stop(sessionId, taskId));
  const tasks = new DemoTasks(sessions, options);
  const context: DemoContext = { sessions, tasks, prefix: options.prefix ?? "" };
  return {
    name: "demo",
    title: "Image segmentation demo",
    routes: [
      createSessionRoute(context),
      uploadRoute(context),
      startTaskRoute(context),
      statusRoute(context),
      resultsRoute(context),
      fileRoute(),
    ],
    async sweep(services) {
      await sessions.sweep(services);
      for (const store of [services.objects.uploads, services.objects.results])
        await sweepFiles(store, "demo/", lifetimeMs, services.now());
    },
  };
}
