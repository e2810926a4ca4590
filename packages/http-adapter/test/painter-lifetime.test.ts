import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createFileObjectStore,
  createFileSessionStore,
  createMemoryObjectStore,
  type ObjectStore,
} from "@maskery/http-adapter";
import { createNodePlatform, MaskeryError } from "@maskery/node";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import type { Caller } from "./support/caller.js";
import { disc, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const HOUR_MS = 60 * 60 * 1000;
const width = 160;
const height = 120;

let watched: WatchedSegmenter;
let picture: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  picture = await disc(width, height, [60, 50], 30);
});
afterAll(() => watched.segmenter.dispose());

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: Parameters<typeof serveApi>[1] = {}): Promise<ApiServer> {
  const server = await serveApi(watched, options);
  closers.push(server.close);
  return server;
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "maskery-painter-"));
  // Closers run from last to first, so whoever writes here has ended by then.
  closers.push(() => rm(directory, { recursive: true }));
  return directory;
}

const upload = async (caller: Caller): Promise<string> =>
  (await caller.json(caller.upload("/upload", new Blob([new Uint8Array(picture)]), "disc.png"))).session_id;
const click = (caller: Caller, session_id: string) =>
  caller.postJson("/segment", { session_id, points: [{ x: 60, y: 50 }] });
const keysOf = async (store: ObjectStore) => (await store.list("")).map(({ key }) => key);

describe("Session Lifecycle", () => {
  it("a session lives for an hour and not a moment longer; its files go with it, and no one else's", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    let moment = Date.now();
    const [uploads, masks, results] = [
      createMemoryObjectStore(),
      createMemoryObjectStore(),
      createMemoryObjectStore(),
    ];
    const { caller } = await serve({ now: () => new Date(moment), stores: { uploads, masks, results } });
    const first = await upload(caller);
    await click(caller, first);
    const { filename } = await caller.postJson("/download-image", { session_id: first });
    await expect.poll(() => keysOf(masks)).toHaveLength(3);
    moment += HOUR_MS / 2;
    const second = await upload(caller);
    const { best_mask_id } = await click(caller, second);
    await expect.poll(() => keysOf(masks)).toHaveLength(6);

    moment += HOUR_MS / 2 - 1;
    expect((await caller.fetch("GET", `/session/${first}`)).status).toBe(200);
    moment += 1;
    expect((await caller.fetch("GET", `/session/${first}`)).status).toBe(410);
    expect((await caller.post("/segment", { session_id: first, points: [{ x: 1, y: 1 }] })).status).toBe(410);
    expect((await caller.getJson("/cache-status")).total_sessions).toBe(1);
    vi.advanceTimersByTime(60_001);
    await expect
      .poll(async () => [await keysOf(uploads), await keysOf(results)].map(({ length }) => length))
      .toEqual([1, 0]);
    await expect.poll(() => keysOf(masks)).toHaveLength(3);
    expect((await caller.fetch("GET", `/download-file/${filename}`)).status).toBe(404);
    // The other session has half an hour left, with all that belongs to it.
    expect(
      (await caller.post("/paint-mask", { session_id: second, mask_id: best_mask_id, color: "red" })).status,
    ).toBe(200);
    moment += HOUR_MS / 2;
    expect((await caller.fetch("DELETE", `/session/${second}`)).status).toBe(410);
  });

  it("using a session does not make it live longer: the document counts from its creation", async () => {
    let moment = Date.now();
    const { caller } = await serve({ now: () => new Date(moment) });
    const session_id = await upload(caller);
    const { expires_at } = await caller.getJson(`/session/${session_id}?include=`);
    moment += HOUR_MS - 1;
    await click(caller, session_id);
    expect((await caller.getJson(`/session/${session_id}?include=`)).expires_at).toBe(expires_at);
    moment += 1;
    expect((await caller.fetch("GET", `/session/${session_id}`)).status).toBe(410);
  });
});

describe("Mask Persistence", () => {
  it("MASKS_DIR: every mask lies there as a PNG, until its session is deleted", async () => {
    const directory = await folder();
    const { caller } = await serve({ stores: { masks: createFileObjectStore({ directory }) } });
    const files = async () =>
      (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".png")).sort();
    const session_id = await upload(caller);
    const { masks } = await click(caller, session_id);
    const generated = await caller.postJson("/generate-masks", { session_id, points_per_side: 4 });
    const combined = await caller.postJson("/combine-masks", { session_id, mask_ids: [0, 1] });
    const clicked = await caller.postJson("/generate-mask-at-point-cached", { session_id, point: [60, 50] });
    const all = [...masks, ...generated.masks, combined, clicked];
    await expect.poll(files).toHaveLength(all.length);
    for (const { mask_id, mask } of all) {
      const name = (await files()).find((file) => file.endsWith(`/${mask_id}.png`));
      expect((await readFile(join(directory, name!))).toString("base64")).toBe(mask);
    }
    const kept = await upload(caller);
    await click(caller, kept);
    await expect.poll(files).toHaveLength(all.length + 3);
    await caller.json(caller.fetch("DELETE", `/session/${session_id}`));
    expect(await files()).toHaveLength(3);
    await caller.postJson("/clear-cache", {});
    expect(await files()).toEqual([]);
  });

  it("a folder for masks that cannot be written to costs a line in the log and no request", async () => {
    const masks: ObjectStore = {
      ...createMemoryObjectStore(),
      put: () => Promise.reject(new Error("read-only file system")),
    };
    const warnings: string[] = [];
    const note = (_fields: object, message: string) => void warnings.push(message);
    const silent = () => {};
    const logger = { debug: silent, info: silent, warn: note, error: silent };
    const { caller } = await serve({ stores: { masks }, logger });
    const session_id = await upload(caller);
    const { best_mask_id } = await click(caller, session_id);
    await expect.poll(() => warnings).toContain("Masks could not be kept as files.");
    expect(
      (await caller.post("/paint-mask", { session_id, mask_id: best_mask_id, color: "red" })).status,
    ).toBe(200);
  });

  it("sessions, masks and downloads outlive a restart", async () => {
    const directory = await folder();
    const stores = () => ({
      sessions: createFileSessionStore({ directory: join(directory, "sessions") }),
      uploads: createFileObjectStore({ directory: join(directory, "uploads") }),
      masks: createFileObjectStore({ directory: join(directory, "masks") }),
      results: createFileObjectStore({ directory: join(directory, "results") }),
    });
    const before = await serveApi(watched, { stores: stores() });
    const session_id = await upload(before.caller);
    const { masks } = await click(before.caller, session_id);
    const { filename } = await before.caller.postJson("/download-image", { session_id });
    await before.close();
    const { caller } = await serve({ stores: stores() });
    const session = await caller.getJson(`/session/${session_id}`);
    expect(session.stored_masks["0"]).toEqual({
      mask: masks[0].mask,
      score: masks[0].score,
      bbox: masks[0].bbox,
    });
    expect(session.image_data).toBe(Buffer.from(picture).toString("base64"));
    expect((await caller.post("/paint-mask", { session_id, mask_id: 0, color: "red" })).status).toBe(200);
    expect((await caller.fetch("GET", `/download-file/${filename}`)).status).toBe(200);
    expect((await caller.getJson("/list-downloads")).total).toBe(1);
  });
});

describe("CPU-Capable Operations, while the model is away", () => {
  it("uploads, combines, paints, chooses and downloads; what needs the model says 503", async () => {
    const { caller } = await serve({
      segmenter: () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:9000")),
      platform: createNodePlatform(),
    });
    const session_id = await upload(caller);
    const mask = Buffer.from(
      await sharp(await disc(width, height, [60, 50], 30))
        .threshold(128)
        .png()
        .toBuffer(),
    ).toString("base64");
    const { area } = await readMask(mask);
    const combined = await caller.postJson("/combine-masks", { session_id, masks: [mask] });
    expect(combined.area).toBe(area);
    const painted = await caller.postJson("/paint-mask", {
      session_id,
      mask_id: 0,
      color: "#00FF00",
      opacity: 1,
    });
    const pixels = await sharp(Buffer.from(painted.image, "base64")).removeAlpha().raw().toBuffer();
    expect([...pixels.subarray((50 * width + 60) * 3, (50 * width + 60) * 3 + 3)]).toEqual([0, 255, 0]);
    await caller.postJson("/paint-multiple-masks", { session_id, masks: [{ mask_id: 0, color: "red" }] });
    const instant = await caller.postJson("/get-mask-at-point-instant", { session_id, point: [60, 50] });
    expect(instant).toMatchObject({ found: true, mask_id: 0 });
    for (const [path, request] of [
      ["/download-image", { format: "JPG" }],
      ["/download-painted-image", { mask_id: 0, color: "red", format: "PNG" }],
    ] as const) {
      const { filename } = await caller.postJson(path, { session_id, ...request });
      expect((await caller.fetch("GET", `/download-file/${filename}`)).status).toBe(200);
    }
    expect((await caller.getJson(`/session/${session_id}`)).stored_masks["0"].mask).toBe(combined.mask);
    expect((await caller.getJson("/cache-status")).total_cached_masks).toBe(1);
    for (const [path, request] of [
      ["/segment", { points: [{ x: 60, y: 50 }] }],
      ["/generate-masks", {}],
      ["/get-embedding", {}],
      ["/generate-mask-at-point-cached", { point: [60, 50] }],
    ] as const) {
      const refused = await caller.post(path, { session_id, ...request });
      expect(refused.status, path).toBe(503);
      expect(await refused.text()).not.toContain("10.1.2.3");
    }
    expect((await caller.fetch("POST", "/clear-cache")).status).toBe(200);
    expect((await caller.fetch("DELETE", `/session/${session_id}`)).status).toBe(200);
  });
});

describe("a model that fails", () => {
  afterEach(() => {
    watched.failure = undefined;
  });

  it("what a remote encoder says to this server is never said to the client", async () => {
    const { caller } = await serve();
    const session_id = await upload(caller);
    await caller.postJson("/clear-cache", {});
    for (const [failure, status] of [
      [new MaskeryError("UNAUTHORIZED", "key 0815 is unknown"), 503],
      [new MaskeryError("FORBIDDEN", "key 0815 may not"), 503],
      [new MaskeryError("RATE_LIMITED", "key 0815 asks too often"), 503],
      [new MaskeryError("CONFLICT", "another model, key 0815"), 503],
      [new MaskeryError("UPSTREAM_FAILED", "http://10.1.2.3/0815"), 503],
      [new MaskeryError("INFERENCE_FAILED", "cuda 0815"), 500],
      [new Error("0815"), 500],
    ] as const) {
      watched.failure = failure;
      for (const [path, request] of [
        ["/segment", { points: [{ x: 60, y: 50 }] }],
        ["/generate-masks", { points_per_side: 2 }],
        ["/get-embedding", {}],
        ["/generate-mask-at-point-cached", { point: [60, 50] }],
      ] as const) {
        const answer = await caller.post(path, { session_id, ...request });
        expect(answer.status, `${path} ${failure.message}`).toBe(status);
        expect(await answer.text()).not.toContain("0815");
      }
    }
    watched.failure = undefined;
    expect((await click(caller, session_id)).total_masks).toBe(3);
  });
});

describe("Session Data Structure", () => {
  it("embedding_cache holds what /get-embedding was asked for, until the caches are cleared", async () => {
    const { caller } = await serve();
    const session_id = await upload(caller);
    await click(caller, session_id);
    const before = await caller.getJson(`/session/${session_id}`);
    expect(before).toMatchObject({
      embedding_cache: null,
      image_data: Buffer.from(picture).toString("base64"),
    });
    const { embedding } = await caller.postJson("/get-embedding", { session_id });
    const runs = { ...watched.runs };
    expect((await caller.getJson(`/session/${session_id}`)).embedding_cache).toBe(embedding);
    expect(watched.runs).toEqual(runs);
    const left = await caller.getJson(`/session/${session_id}?include=`);
    expect([left.image_data, left.embedding_cache]).toEqual([null, null]);
    await caller.postJson("/clear-cache", {});
    expect((await caller.getJson(`/session/${session_id}`)).embedding_cache).toBeNull();
  });
});
