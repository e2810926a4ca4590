import { createMemoryObjectStore } from "@maskery/http-adapter";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { expectProblem } from "./support/bad-requests/site.js";
import { photo } from "./support/pictures.js";
import { useApi } from "./support/use-api.js";

const HOUR_MS = 60 * 60 * 1000;

const api = useApi();
let picture: Blob;
beforeAll(async () => {
  picture = new Blob([new Uint8Array(await photo(64, 48))]);
});

describe("uploads", () => {
  it("reads a form with a field named __proto__, and makes names harmless", async () => {
    const { caller } = await api.serve();
    const form = new FormData();
    form.set("__proto__", "polluted");
    form.set("file", picture, '..\\..\\evil"\r\nx: y<script>.jpg');
    const answer = await caller.json(caller.fetch("POST", "/upload", { body: form }));
    expect(answer.filename).not.toMatch(/[\\/<>"\r\n]|^\./);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("answers 507 where the store is full, and keeps nothing", async () => {
    const uploads = createMemoryObjectStore({ maxBytes: 500 });
    const { caller } = await api.serve({ stores: { uploads } });
    await expectProblem(await caller.upload("/upload", picture), 507);
    expect(await uploads.list("")).toEqual([]);
    expect((await caller.getJson("/cache-status")).total_sessions).toBe(0);
  });

  it("answers 503 where no codec is there, and goes on", async () => {
    const { caller } = await api.serve({ segmenter: () => Promise.reject(new Error("away")) });
    await expectProblem(await caller.upload("/upload", picture), 503);
    expect((await caller.fetch("GET", "/health")).status).toBe(200);
  });
});

describe("sessions past their end", () => {
  it("take their files along with the next sweep", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      let moment = Date.now();
      const [uploads, results] = [createMemoryObjectStore(), createMemoryObjectStore()];
      const { caller } = await api.serve({ now: () => new Date(moment), stores: { uploads, results } });
      const { session_id } = await caller.json(caller.upload("/upload", picture));
      await caller.postJson("/download-image", { session_id });
      const demo = await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
      await caller.json(caller.upload(`/api/sessions/${demo.session_id}/upload`, picture));
      const names = async () => [...(await uploads.list("")), ...(await results.list(""))];
      // Before their end a sweep leaves them alone.
      moment += HOUR_MS - 1;
      vi.advanceTimersByTime(60_001);
      expect((await caller.fetch("GET", `/session/${session_id}`)).status).toBe(200);
      expect(await names()).toHaveLength(3);
      moment += 2;
      vi.advanceTimersByTime(60_001);
      await expect.poll(names).toEqual([]);
      // They are remembered as ended for a day, then unknown.
      expect((await caller.fetch("GET", `/session/${session_id}`)).status).toBe(410);
      moment += 24 * HOUR_MS;
      vi.advanceTimersByTime(60_001);
      await expect.poll(async () => (await caller.fetch("GET", `/session/${session_id}`)).status).toBe(404);
    } finally {
      vi.useRealTimers();
    }
  });
});
