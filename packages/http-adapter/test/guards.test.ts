import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createFileObjectStore,
  createMemoryObjectStore,
  createSegmentationApi,
  type SegmentationApi,
} from "@maskery/http-adapter";
import { createNodePlatform } from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Caller } from "./support/caller.js";
import { mounts, type RunningHost } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

vi.setConfig({ testTimeout: 60_000 });

const HOUR_MS = 60 * 60 * 1000;
const unknownSession = "3f0c8f6e-2f1e-4c57-9d0c-0d8f3c1b2a4e";

let watched: WatchedSegmenter;
let picture: Blob;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  picture = new Blob([new Uint8Array(await photo(64, 48))]);
});
afterAll(() => watched.segmenter.dispose());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  watched.gate = undefined;
  for (const close of closers.splice(0)) await close();
});

async function serve(
  options: Partial<Parameters<typeof createSegmentationApi>[0]> = {},
  name: keyof typeof mounts = "node",
  at = "",
): Promise<{ api: SegmentationApi; host: RunningHost; caller: Caller }> {
  const api = createSegmentationApi({ segmenter: watched.segmenter, ...options });
  const host = await mounts[name]!(api, at);
  closers.push(async () => {
    await host.close();
    await api.close();
  });
  return { api, host, caller: new Caller(host.url, api) };
}

async function expectProblem(answer: Response, status: number): Promise<Record<string, unknown>> {
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const problem = JSON.parse(text) as Record<string, unknown>;
  expect(problem).toMatchObject({
    type: expect.stringMatching(/^urn:maskery:problem:/),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code: expect.any(String),
  });
  expect(text).not.toMatch(/\.[jt]s:\d|node_modules|\/tmp\/|\/work\/|\n\s+at /);
  return problem;
}

/** A right request for every route with a JSON body, but for its session. */
const jsonRoutes: Readonly<Record<string, Record<string, unknown>>> = {
  "/api/image-segmentation": {},
  "/segment": { points: [{ x: 5, y: 5, label: 1 }] },
  "/generate-masks": { points_per_side: 2 },
  "/generate-masks-advanced": { points_per_side: 2 },
  "/generate-masks-cached": { points_per_side: 2 },
  "/combine-masks": { mask_ids: [0] },
  "/paint-mask": { mask_id: 0, color: "#FF0000" },
  "/paint-multiple-masks": { masks: [{ mask_id: 0, color: "#FF0000" }] },
  "/download-image": { format: "PNG" },
  "/download-painted-image": { mask_id: 0, color: "#FF0000" },
  "/get-embedding": {},
  "/get-mask-at-point-instant": { point: [5, 5] },
  "/generate-mask-at-point-cached": { point: [5, 5] },
};
/** A member of the wrong kind for each; for those with nothing but a session, the session. */
const wrongMember: Readonly<Record<string, Record<string, unknown>>> = {
  "/segment": { points: [{ x: "left", y: 5 }] },
  "/generate-masks": { points_per_side: "many" },
  "/generate-masks-advanced": { points_per_side: 0 },
  "/generate-masks-cached": { pred_iou_thresh: "high" },
  "/combine-masks": { mask_ids: "all" },
  "/paint-mask": { mask_id: 0, color: 17 },
  "/paint-multiple-masks": { masks: [] },
  "/download-image": { format: "GIF" },
  "/download-painted-image": { mask_id: 0, color: "#FF0000", quality: 500 },
  "/get-mask-at-point-instant": { point: [5] },
  "/generate-mask-at-point-cached": { point: { x: 1 } },
};
const sessionPaths: readonly (readonly [string, string])[] = [
  ["GET", "/session/"],
  ["DELETE", "/session/"],
  ["GET", "/api/sessions/{}/status"],
  ["GET", "/api/sessions/{}/results"],
];

describe("every JSON route", () => {
  let caller: Caller;
  beforeEachServe();
  function beforeEachServe() {
    beforeAll(async () => {
      const api = createSegmentationApi({ segmenter: watched.segmenter });
      const host = await mounts["node"]!(api, "");
      caller = new Caller(host.url, api);
      return async () => {
        await host.close();
        await api.close();
      };
    });
  }

  for (const [path, right] of Object.entries(jsonRoutes)) {
    it(`${path}: missing session, wrong type, unknown session, no JSON, other content type`, async () => {
      expect(await expectProblem(await caller.post(path, right), 400)).toMatchObject({ field: "session_id" });
      const wrong = { session_id: unknownSession, ...right, ...wrongMember[path] };
      if (!wrongMember[path]) wrong.session_id = 17 as unknown as string;
      expect((await expectProblem(await caller.post(path, wrong), 400))["field"]).toEqual(expect.any(String));
      for (const session_id of [unknownSession, "../../etc/passwd", "__proto__", "x".repeat(5000)])
        await expectProblem(await caller.post(path, { session_id, ...right }), 404);
      const broken = { body: "{", headers: { "content-type": "application/json" } };
      await expectProblem(await caller.fetch("POST", path, broken), 400);
      await expectProblem(await caller.post(path, [1, 2]), 400);
      const textual = { body: JSON.stringify(right), headers: { "content-type": "text/plain" } };
      await expectProblem(await caller.fetch("POST", path, textual), 415);
      const packed = { "content-type": "application/json", "content-encoding": "gzip" };
      await expectProblem(await caller.fetch("POST", path, { body: "{}", headers: packed }), 415);
      const wrongMethod = await caller.fetch("PUT", path);
      await expectProblem(wrongMethod, 405);
      expect(wrongMethod.headers.get("allow")).toBe("POST");
    });
  }

  for (const [method, template] of sessionPaths)
    it(`${method} ${template}: unknown session, ids that are none`, async () => {
      const at = (id: string) => (template.includes("{}") ? template.replace("{}", id) : template + id);
      for (const id of [unknownSession, "unknown", "..%2F..%2Fetc%2Fpasswd", "%00", "__proto__"])
        await expectProblem(await caller.fetch(method, at(id)), 404);
    });

  for (const path of ["/download-file/", "/api/files/"])
    for (const name of [
      "..%2F..%2Fetc%2Fpasswd",
      "%2e%2e%2fpasswd",
      "%00.png",
      ".unfinished-1.png",
      "unknown.png",
      "a%5C..%5Cb",
    ])
      it(`${path}${name} leads nowhere`, async () => {
        await expectProblem(await caller.fetch("GET", path + name), 404);
      });
});

describe("uploads", () => {
  for (const name of Object.keys(mounts))
    it(`${name}: too large, announced and in chunks; broken forms; nothing is left`, async () => {
      const uploads = createMemoryObjectStore();
      const { caller } = await serve({ limits: { maxFileBytes: 100_000 }, stores: { uploads } }, name);
      const large = new Uint8Array(400_000);
      large.set(new Uint8Array(await picture.arrayBuffer()));
      await expectProblem(await caller.upload("/upload", new Blob([large])), 413);
      const edge = '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n';
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(Buffer.from(edge));
          for (let at = 0; at < large.length; at += 50_000)
            controller.enqueue(large.subarray(at, at + 50_000));
          controller.enqueue(Buffer.from("\r\n--edge--\r\n"));
          controller.close();
        },
      });
      const headers = { "content-type": "multipart/form-data; boundary=edge" };
      await expectProblem(
        await caller.fetch("POST", "/upload", { body, headers, duplex: "half" } as RequestInit),
        413,
      );
      await expectProblem(await caller.fetch("POST", "/upload", { body: edge, headers }), 400);
      await expectProblem(await caller.fetch("POST", "/upload", { body: "nothing", headers }), 400);
      const noEdge = { "content-type": "multipart/form-data" };
      await expectProblem(await caller.fetch("POST", "/upload", { body: edge, headers: noEdge }), 415);
      await expectProblem(await caller.post("/upload", {}), 415);
      await expectProblem(await caller.upload("/upload", undefined), 400);
      expect(await uploads.list("")).toEqual([]);
      // The server is well after all that.
      expect(
        (await caller.upload("/upload", picture, "../../../etc/cup.jpg", { __proto__x: "1" })).status,
      ).toBe(200);
    });

  it("reads a form with a field named __proto__, and makes names harmless", async () => {
    const { caller } = await serve();
    const form = new FormData();
    form.set("__proto__", "polluted");
    form.set("file", picture, '..\\..\\evil"\r\nx: y<script>.jpg');
    const answer = await caller.json(caller.fetch("POST", "/upload", { body: form }));
    expect(answer.filename).not.toMatch(/[\\/<>"\r\n]|^\./);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("leaves nothing of an upload that the client gave up", async () => {
    const directory = await mkdtemp(join(tmpdir(), "maskery-aborted-"));
    const uploads = createFileObjectStore({ directory });
    const { host } = await serve({ stores: { uploads } });
    const bytes = Buffer.from(await picture.arrayBuffer());
    const sending = httpRequest(`${host.url}/upload`, {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=edge", "content-length": 5_000_000 },
    });
    sending.on("error", () => undefined);
    sending.write('--edge\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n');
    sending.write(Buffer.concat([bytes, Buffer.alloc(1_000_000)]));
    const names = async () =>
      (await readdir(directory, { recursive: true })).filter((name) => /unfinished|jpg/.test(name));
    await expect.poll(names, { timeout: 10_000 }).toHaveLength(1);
    sending.destroy();
    await expect.poll(names, { timeout: 10_000 }).toEqual([]);
    await rm(directory, { recursive: true });
  });

  it("answers 507 where the store is full, and keeps nothing", async () => {
    const uploads = createMemoryObjectStore({ maxBytes: 500 });
    const { caller } = await serve({ stores: { uploads } });
    await expectProblem(await caller.upload("/upload", picture), 507);
    expect(await uploads.list("")).toEqual([]);
    expect((await caller.getJson("/cache-status")).total_sessions).toBe(0);
  });

  it("answers 503 where no codec is there, and goes on", async () => {
    const { caller } = await serve({ segmenter: () => Promise.reject(new Error("away")) });
    await expectProblem(await caller.upload("/upload", picture), 503);
    expect((await caller.fetch("GET", "/health")).status).toBe(200);
  });
});

describe("sessions past their end", () => {
  it("answer 410 everywhere; their files go with the next sweep", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let moment = Date.now();
    const [uploads, results] = [createMemoryObjectStore(), createMemoryObjectStore()];
    const { caller } = await serve({ now: () => new Date(moment), stores: { uploads, results } });
    const { session_id } = await caller.json(caller.upload("/upload", picture));
    await caller.postJson("/segment", { session_id, ...jsonRoutes["/segment"] });
    await caller.postJson("/download-image", { session_id });
    const demo = await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
    const demoUpload = `/api/sessions/${demo.session_id}/upload`;
    await caller.json(caller.upload(demoUpload, picture));
    expect([(await uploads.list("")).length, (await results.list("")).length]).toEqual([2, 1]);
    moment += HOUR_MS + 1;
    for (const [path, right] of Object.entries(jsonRoutes)) {
      const id = path.startsWith("/api") ? demo.session_id : session_id;
      await expectProblem(await caller.post(path, { session_id: id, ...right }), 410);
    }
    for (const [method, template] of sessionPaths) {
      const at = template.includes("{}") ? template.replace("{}", demo.session_id) : template + session_id;
      await expectProblem(await caller.fetch(method, at), 410);
    }
    await expectProblem(await caller.upload(demoUpload, picture), 410);
    vi.advanceTimersByTime(60_001);
    vi.useRealTimers();
    await expect.poll(async () => [...(await uploads.list("")), ...(await results.list(""))]).toEqual([]);
  });
});

describe("bounded work", () => {
  it("503 with Retry-After when all places are taken; the work that has a place goes on", async () => {
    const { caller } = await serve({ concurrency: { maxRunning: 1, maxWaiting: 0 } });
    const own = new Blob([new Uint8Array(await photo(61, 47))]);
    const { session_id } = await caller.json(caller.upload("/upload", own));
    let open = () => {};
    watched.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = caller.post("/segment", { session_id, ...jsonRoutes["/segment"] });
    await expect.poll(() => watched.held).toBe(1);
    for (const path of ["/segment", "/generate-masks", "/get-embedding"]) {
      const refused = await caller.post(path, { session_id, ...jsonRoutes[path] });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await expectProblem(refused, 503)).toMatchObject({ code: "OVERLOADED" });
    }
    // What needs no model is answered meanwhile.
    expect((await caller.fetch("GET", "/health")).status).toBe(200);
    watched.gate = undefined;
    open();
    expect((await first).status).toBe(200);
  });

  it("504 when the time is over, 499 for nobody when the client leaves: both stop the work", async () => {
    const { caller, host } = await serve({ timeoutsMs: { painterSegment: 250 } });
    const own = new Blob([new Uint8Array(await photo(62, 46))]);
    const { session_id } = await caller.json(caller.upload("/upload", own));
    watched.gate = new Promise(() => {});
    const stopped = watched.stopped;
    const late = await caller.post("/segment", { session_id, ...jsonRoutes["/segment"] });
    expect(await expectProblem(late, 504)).toMatchObject({ code: "TIMEOUT" });
    await expect.poll(() => watched.stopped).toBe(stopped + 1);
    const leaving = new AbortController();
    const left = fetch(`${host.url}/get-embedding`, {
      method: "POST",
      signal: leaving.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ session_id }),
    }).catch(() => undefined);
    await expect.poll(() => watched.held).toBe(1);
    leaving.abort();
    await left;
    await expect.poll(() => watched.stopped).toBe(stopped + 2);
  });

  it("many requests at once never cross", async () => {
    const { caller } = await serve();
    const sizes = [40, 44, 48, 52, 56, 60];
    await Promise.all(
      sizes.map(async (side) => {
        const own = new Blob([new Uint8Array(await photo(side, side - 8))]);
        const { session_id } = await caller.json(caller.upload("/upload", own));
        const answer = await caller.postJson("/segment", { session_id, points: [{ x: side / 2, y: 12 }] });
        expect(answer.session_id).toBe(session_id);
        const session = await caller.getJson(`/session/${session_id}`);
        expect([session.width, session.height]).toEqual([side, side - 8]);
        expect(Object.keys(session.stored_masks)).toHaveLength(answer.total_masks);
      }),
    );
  });
});

describe("the way of HTTP", () => {
  for (const name of Object.keys(mounts))
    it(`${name}: preflight, HEAD, trailing slash, other methods, unknown paths`, async () => {
      const { host, caller } = await serve({}, name, "/vision");
      const preflight = await fetch(`${host.url}/segment`, {
        method: "OPTIONS",
        headers: {
          origin: "https://app.example.com",
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type",
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
      expect(preflight.headers.get("access-control-allow-methods")).toContain("POST");
      expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type");
      expect(preflight.headers.has("access-control-allow-credentials")).toBe(false);

      const head = await fetch(`${host.url}/health`, { method: "HEAD" });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect((await caller.fetch("GET", "/health/")).status).toBe(200);
      const deleted = await caller.fetch("DELETE", "/health");
      await expectProblem(deleted, 405);
      expect(deleted.headers.get("allow")).toBe("GET, HEAD");
      expect((await fetch(`${host.url}/no-such-thing`)).status).toBe(404);
      expect((await fetch(`${host.url}/session/%E0%A4%A`)).status).toBeLessThan(500);
    });

  it("names only the origins that were named, once", async () => {
    const { host } = await serve({ cors: { origins: ["https://app.example.com"], credentials: true } });
    const ask = (origin: string) => fetch(`${host.url}/health`, { headers: { origin } });
    const known = await ask("https://app.example.com");
    expect(known.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
    expect(known.headers.get("access-control-allow-credentials")).toBe("true");
    expect(known.headers.get("vary")).toBe("Origin");
    const other = await ask("https://evil.example.com");
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
    expect(() =>
      createSegmentationApi({ segmenter: watched.segmenter, cors: { credentials: true } }),
    ).toThrow(RangeError);
  });

  it("links hold where an API has a prefix and the host a path", async () => {
    const { caller, host } = await serve(
      { apis: { painter: { prefix: "/painter" }, demo: { prefix: "/demo" } } },
      "express",
      "/vision",
    );
    const { session_id } = await caller.json(caller.upload("/painter/upload", picture));
    const { image_url } = await caller.postJson("/painter/download-image", { session_id });
    expect((await fetch(new URL(image_url, host.url))).status).toBe(200);
    const demo = await caller.postJson("/demo/api/demo-sessions", { demo_type: "image_segmentation" });
    const file = await caller.json(caller.upload(`/demo/api/sessions/${demo.session_id}/upload`, picture));
    const stored = Buffer.from(await (await fetch(file.url)).arrayBuffer());
    const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
    expect(hash(stored)).toBe(hash(Buffer.from(await picture.arrayBuffer())));
  });
});

describe("close()", () => {
  it("leaves no handle and no replaced global behind, and answers 503 from then on", async () => {
    const globals = [globalThis.Request, globalThis.Response, globalThis.fetch, globalThis.Headers];
    const handles = () =>
      process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP|FSEvent/.test(kind)).length;
    const listeners = () =>
      process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);
    const before = { handles: handles(), listeners: listeners() };
    const api = createSegmentationApi({ segmenter: watched.segmenter, platform: createNodePlatform() });
    const form = new FormData();
    form.set("file", picture, "a.jpg");
    const answer = await api.fetch(new Request("http://127.0.0.1/upload", { method: "POST", body: form }));
    expect(answer.status).toBe(200);
    const { session_id } = (await answer.json()) as { session_id: string };
    watched.gate = new Promise(() => {});
    const own = watched.stopped;
    await watched.segmenter.clearCache();
    const underWay = api.fetch(
      new Request("http://127.0.0.1/get-embedding", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ session_id }),
      }),
    );
    await expect.poll(() => watched.held).toBe(1);
    await Promise.all([api.close(), api.close()]);
    expect((await underWay).status).toBe(503);
    await expect.poll(() => watched.stopped).toBe(own + 1);
    expect((await api.fetch(new Request("http://127.0.0.1/health"))).status).toBe(503);
    await expect
      .poll(() => ({ handles: handles() <= before.handles, listeners: listeners() }))
      .toEqual({
        handles: true,
        listeners: before.listeners,
      });
    expect([globalThis.Request, globalThis.Response, globalThis.fetch, globalThis.Headers]).toEqual(globals);
  });
});
