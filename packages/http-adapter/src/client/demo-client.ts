import { type CallOptions, MaskeryError, throwIfAborted } from "@maskery/core";
import type { RequestOptions, Transport } from "./transport.js";
import { type UploadFile, type UploadOptions, uploadBody } from "./upload-body.js";
import type { DemoFile, DemoResults, DemoSession, DemoStatus, DemoTask } from "./wire-types.js";

/** How far a task is. */
export interface DemoProgress {
  /** 0..100. */
  readonly percent: number;
  readonly message: string;
}

export interface WaitOptions extends CallOptions {
  /** Told each time the server has something new to say. */
  readonly onProgress?: (progress: DemoProgress) => void;
  /** Milliseconds between questions. Default 500. */
  readonly pollEveryMs?: number;
  /** Milliseconds for the whole wait. Default 60,000. */
  readonly timeoutMs?: number;
}

export interface SegmentOptions extends WaitOptions, UploadOptions {}

const DEFAULT_POLL_MS = 500;
const DEFAULT_WAIT_MS = 60_000;
const timeouts = { upload: 65_000, other: 15_000 } as const;

/** Sessions with one picture, a task and its results. All methods throw `MaskeryError` with the server's code. */
export class DemoClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** `POST /api/demo-sessions`. */
  createSession(options?: RequestOptions): Promise<DemoSession> {
    return this.#transport.json(
      {
        method: "POST",
        path: "/api/demo-sessions",
        json: { demo_type: "image_segmentation" },
        defaultTimeoutMs: timeouts.other,
      },
      options,
    );
  }

  /** `POST /api/sessions/{session_id}/upload`. */
  upload(
    sessionId: string,
    file: UploadFile,
    options: RequestOptions & UploadOptions = {},
  ): Promise<DemoFile> {
    const name = options.filename === undefined ? {} : { name: options.filename };
    return this.#transport.json(
      {
        method: "POST",
        path: `${pathOf(sessionId)}/upload`,
        ...uploadBody(file, options, name),
        defaultTimeoutMs: timeouts.upload,
      },
      options,
    );
  }

  /** `POST /api/image-segmentation`: begins the work. */
  start(sessionId: string, options?: RequestOptions): Promise<DemoTask> {
    return this.#transport.json(
      {
        method: "POST",
        path: "/api/image-segmentation",
        json: { session_id: sessionId },
        defaultTimeoutMs: timeouts.other,
      },
      options,
    );
  }

  /** `GET /api/sessions/{session_id}/status`. */
  status(sessionId: string, options?: RequestOptions): Promise<DemoStatus> {
    return this.#transport.json(
      { method: "GET", path: `${pathOf(sessionId)}/status`, defaultTimeoutMs: timeouts.other },
      options,
    );
  }

  /** `GET /api/sessions/{session_id}/results`. */
  results(sessionId: string, options?: RequestOptions): Promise<DemoResults> {
    return this.#transport.json(
      { method: "GET", path: `${pathOf(sessionId)}/results`, defaultTimeoutMs: timeouts.other },
      options,
    );
  }

  /**
   * Asks until the work is done.
   * @throws MaskeryError `INFERENCE_FAILED` with the server's words when the work failed, `TIMEOUT`, `ABORTED`.
   */
  async waitForResults(sessionId: string, options: WaitOptions = {}): Promise<DemoResults> {
    const { onProgress, pollEveryMs = DEFAULT_POLL_MS, timeoutMs = DEFAULT_WAIT_MS } = options;
    const limit = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    let last: string | undefined;
    try {
      for (;;) {
        const { status, progress, message } = await this.status(sessionId, { signal });
        const news = `${progress} ${message}`;
        if (news !== last) onProgress?.({ percent: progress, message });
        last = news;
        if (status === "completed") return await this.results(sessionId, { signal });
        if (status === "failed") throw new MaskeryError("INFERENCE_FAILED", message);
        await pause(pollEveryMs, signal);
      }
    } catch (error) {
      if (limit.aborted && !options.signal?.aborted)
        throw new MaskeryError("TIMEOUT", `The work was not done within ${timeoutMs} ms.`, { cause: error });
      throw error;
    }
  }

  /** The whole way: session, upload, task, results. */
  async segment(file: UploadFile, options: SegmentOptions = {}): Promise<DemoResults> {
    const { signal, filename, onUploadProgress } = options;
    const { session_id } = await this.createSession({ signal });
    await this.upload(session_id, file, {
      signal,
      ...(filename !== undefined && { filename }),
      ...(onUploadProgress && { onUploadProgress }),
    });
    await this.start(session_id, { signal });
    return this.waitForResults(session_id, options);
  }
}

function pathOf(sessionId: string): string {
  return `/api/sessions/${encodeURIComponent(sessionId)}`;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    const onAbort = () => {
      clearTimeout(timer);
      reject(new MaskeryError("ABORTED", "The request was aborted.", { cause: signal.reason }));
    };
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
