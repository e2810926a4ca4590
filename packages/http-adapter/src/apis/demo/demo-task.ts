import { randomUUID } from "node:crypto";
import { limitedSignal } from "../../guards/limited-signal.js";
import type { Services } from "../../service/services.js";
import type { DemoSessionData } from "./demo-schemas.js";
import type { DemoSessions } from "./demo-sessions.js";
import { SegmentMemory } from "./segment-memory.js";
import { failureMessage, type SegmentedPicture, segmentPicture } from "./segment-picture.js";

type Upload = NonNullable<DemoSessionData["upload"]>;
type Task = NonNullable<DemoSessionData["task"]>;

export interface DemoTasksOptions {
  /** Milliseconds that one task may take once its turn has come. Default 30,000, as documented. */
  readonly processingTimeoutMs?: number;
  /**
   * Milliseconds after which a task looks for no more segments and goes on with those it has: a slow machine finds less, instead
   * of nothing. Models that know classes find all at once. Default: three quarters of `processingTimeoutMs`.
   */
  readonly searchTimeMs?: number;
  /** Clicks along each side of the picture, for models that know no classes. More find smaller things and take longer. Default 16. */
  readonly pointsPerSide?: number;
}

const DEFAULT_PROCESSING_TIMEOUT_MS = 30_000;
/** The rest is for drawing, describing and storing. */
const SEARCH_SHARE = 0.75;

/** The tasks under way, one for each session at most. */
export class DemoTasks {
  readonly #sessions: DemoSessions;
  readonly #timeoutMs: number;
  readonly #searchTimeMs: number;
  readonly #pointsPerSide: number | undefined;
  readonly #memory = new SegmentMemory();
  readonly #running = new Map<string, { readonly taskId: string; readonly stop: AbortController }>();

  constructor(sessions: DemoSessions, options: DemoTasksOptions) {
    this.#sessions = sessions;
    this.#timeoutMs = options.processingTimeoutMs ?? DEFAULT_PROCESSING_TIMEOUT_MS;
    this.#searchTimeMs = options.searchTimeMs ?? this.#timeoutMs * SEARCH_SHARE;
    this.#pointsPerSide = options.pointsPerSide;
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
      try {
        await this.#work(services, sessionId, taskId, upload, AbortSignal.any([closing, stop.signal]));
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
    stopped: AbortSignal,
  ): Promise<void> {
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
        () => this.#segment(services, upload, outputKey, onProgress, stopped),
        { signal: stopped },
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

  /** The time counts from here: waiting for a place is no processing. */
  async #segment(
    services: Services,
    upload: Upload,
    outputKey: string,
    onProgress: (percent: number, message: string) => void,
    stopped: AbortSignal,
  ): Promise<SegmentedPicture> {
    const endsAt = performance.now() + this.#timeoutMs;
    const whole = limitedSignal("The processing", this.#timeoutMs, [stopped]);
    const search = limitedSignal("The search", this.#searchTimeMs, [whole.signal]);
    try {
      return await segmentPicture(services, upload, outputKey, onProgress, {
        memory: this.#memory,
        pointsPerSide: this.#pointsPerSide,
        signal: whole.signal,
        finishSignal: search.signal,
        timeLeftMs: () => endsAt - performance.now(),
      });
    } finally {
      search.release();
      whole.release();
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
