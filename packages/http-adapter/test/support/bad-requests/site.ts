import { createMemoryObjectStore, createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { expect } from "vitest";
import { Caller } from "../caller.js";
import { mounts, type RunningHost } from "../mounts.js";
import { type WatchedCalls, watchCalls } from "../watch-calls.js";
import type { WatchedSegmenter } from "../watched-segmenter.js";

/** Small, so that a request that is too large is soon sent. */
export const limits = { maxFileBytes: 60_000, maxJsonBytes: 8_000 } as const;

const HOUR_MS = 60 * 60 * 1000;

/** The whole API, everything that is optional included, on a real socket; and what the table needs to ask it badly. */
export interface Site {
  readonly api: SegmentationApi;
  readonly host: RunningHost;
  readonly caller: Caller;
  readonly calls: WatchedCalls;
  /** Names of all uploads that are kept. */
  uploads(): Promise<string[]>;
  /** A new session with a picture. */
  newSession(of: SessionKind): Promise<string>;
  /** Does something while the clock of the server says that all sessions of now have ended. */
  afterTheEnd<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type SessionKind = "painter" | "demo";

export async function openSite({ segmenter }: WatchedSegmenter, picture: Blob, mount: string): Promise<Site> {
  let aheadMs = 0;
  const uploads = createMemoryObjectStore();
  const api = createSegmentationApi({
    segmenter,
    stores: { uploads },
    limits,
    placement: { maxBodyBytes: limits.maxFileBytes },
    // One place and no line: a place that is not given back is noticed by the next request that needs one.
    concurrency: { maxRunning: 1, maxWaiting: 0 },
    now: () => new Date(Date.now() + aheadMs),
  });
  const calls = watchCalls(api);
  const host = await mounts[mount]!(calls.api, "/vision");
  const caller = new Caller(host.url, api);
  return {
    api,
    host,
    caller,
    calls,
    uploads: async () => (await uploads.list("")).map(({ key }) => key),
    async newSession(of) {
      if (of === "painter") return (await caller.json(caller.upload("/upload", picture))).session_id;
      const { session_id } = await caller.postJson("/api/demo-sessions", {
        demo_type: "image_segmentation",
      });
      await caller.json(caller.upload(`/api/sessions/${session_id}/upload`, picture));
      return session_id;
    },
    async afterTheEnd(work) {
      aheadMs = HOUR_MS + 1;
      try {
        return await work();
      } finally {
        aheadMs = 0;
      }
    },
    async close() {
      await host.close();
      await api.close();
    },
  };
}

/** The answer must be a problem of this status, as documented, that names the field and leaks nothing. */
export async function expectProblem(
  answer: Response,
  status: number,
  field?: string | RegExp,
): Promise<Record<string, unknown>> {
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:maskery:problem:/),
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/\w/),
    code: expect.any(String),
  });
  if (typeof field === "string") expect(problem["field"], text).toBe(field);
  else if (field) expect(problem["field"], text).toEqual(expect.stringMatching(field));
  expect(text).not.toMatch(/\.[jt]s:\d|node_modules|\/tmp\/|\/home\/|\n\s+at /);
  return problem;
}
