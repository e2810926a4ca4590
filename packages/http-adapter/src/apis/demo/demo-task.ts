import { randomUUID } from "node:crypto";
import type { ApiSessions } from "../../service/api-sessions.js";
import type { Services } from "../../service/services.js";
import type { DemoSessionData, sessionDataSchema } from "./demo-schemas.js";
import { SegmentMemory } from "./segment-memory.js";
import { failureMessage, segmentPicture } from "./segment-picture.js";

type Upload = NonNullable<DemoSessionData["upload"]>;
type Task = NonNullable<DemoSessionData["task"]>;

/** The tasks under way, one for each session at most. */
export class DemoTasks {
  readonly #sessions: ApiSessions<typeof sessionDataSchema>;
  readonly #timeoutMs: number;
  readonly #pointsPerSide: number | undefined;
  readonly #memory = new SegmentMemory();
  readonly #running = new Map<string, { readonly taskId: string; readonly stop: AbortController }>();

  constructor(
    sessions: ApiSessions<typeof sessionDataSchema>,
    timeoutMs: number,
    pointsPerSide: number | undefined,
  ) {
    this.#sessions = sessions;
    this.#timeoutMs = timeoutMs;
    this.#pointsPerSide = pointsPerSide;
  }

  /** Whether this task of the session is under way in this process. */
  isRunning(sessionId: string, taskId: string | undefined): boolean {
    return taskId !== undefined && this.#running.get(sessionId)?.taskId === taskId;
  }

  /** Stops a task that nobody wants any more. */
  stop(sessionId: string, taskId: string | undefined): void {
    if (this.isRunning(sessionId, taskId)) this.#running.get(sessionId)!.stop.abort();
  }

  begin(services: Services, sessionId: string, taskId: string, upload: Upload): void {
    const stop = new AbortController();
    const entry = { taskId, stop };
    this.#running.set(sessionId, entry);
    services.inBackground("demo task", async ({ signal: closing }) => {
      const signal = AbortSignal.any([closing, stop.signal, AbortSignal.timeout(this.#timeoutMs)]);
      try {
        await this.#work(services, sessionId, taskId, upload, signal);
      } finally {
        if (this.#running.get(sessionId) === entry) this.#running.delete(sessionId);
      }
    });
  }

  async #work(
    services: Services,
    sessionId: string,
    taskId: string,
    upload: Upload,
    signal: AbortSignal,
  ): Promise<void> {
    const endsAt = performance.now() + this.#timeoutMs;
    const outputKey = `demo/${randomUUID()}.jpg`;
    // One change after the other: what was told last must not be overtaken by what was told before.
    let lastChange: Promise<boolean> = Promise.resolve(true);
    const change = (task: Partial<Task>): Promise<boolean> => {
      lastChange = lastChange.then(() => this.#change(services, sessionId, taskId, task));
      return lastChange;
    };
    let told = 0;
    const onProgress = (percent: number, message: string) => {
      if (percent < told + 1) return;
      told = percent;
      void change({ progress: Math.floor(percent), message });
    };
    try {
      const done = await services.slots.run(
        () =>
          segmentPicture(services, upload, outputKey, onProgress, {
            memory: this.#memory,
            pointsPerSide: this.#pointsPerSide,
            signal,
            timeLeftMs: () => endsAt - performance.now(),
          }),
        { signal },
      );
      const kept = await change({
        status: "completed",
        progress: 100,
        message: "Processing completed successfully",
        ...done,
      });
      // The session ended or got another picture in the meantime.
      if (!kept) await services.objects.results.delete(outputKey);
    } catch (error) {
      services.logger.warn({ error, sessionId }, "A demo task failed.");
      await change({ status: "failed", message: failureMessage(error, this.#timeoutMs) });
      await services.objects.results.delete(outputKey);
    }
  }

  /** @returns Whether the task is still the session's, and now says so. */
  async #change(
    services: Services,
    sessionId: string,
    taskId: string,
    task: Partial<Task>,
  ): Promise<boolean> {
    let kept = false;
    try {
      await this.#sessions.update(services, sessionId, (data) => {
        kept = data.task?.id === taskId;
        return data.task && kept ? { ...data, task: { ...data.task, ...task } } : data;
      });
      return kept;
    } catch (error) {
      services.logger.debug({ error, sessionId }, "A task's state could not be kept.");
      return false;
    }
  }
}
