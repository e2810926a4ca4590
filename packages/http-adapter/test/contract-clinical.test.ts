import { createSegmentationApi, type Logger, type SegmentationApi } from "@maskery/http-adapter";
import { createNodePlatform } from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { requirement } from "../../../tests/support/requirement.js";
import { Caller } from "./support/caller.js";
import { dicom } from "./support/dicom.js";
import { mounts, type RunningHost } from "./support/mounts.js";
import { disc, iou, photo, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

vi.setConfig({ testTimeout: 120_000 });

const path = "/api/segmentation/sam2";
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
const platform = createNodePlatform();

let watched: WatchedSegmenter;
let slice: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  slice = await disc(160, 120, [80, 60], 30);
});
afterEach(() => {
  watched.gate = undefined;
  watched.failure = undefined;
});
afterAll(() => watched.segmenter.dispose());

interface Running {
  readonly api: SegmentationApi;
  readonly host: RunningHost;
  readonly caller: Caller;
  readonly log: { level: string; fields: object; message: string }[];
  close(): Promise<void>;
}

async function serve(
  options: Partial<Parameters<typeof createSegmentationApi>[0]> = {},
  name: keyof typeof mounts = "node",
  at = "",
): Promise<Running> {
  const log: Running["log"] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void log.push({ level, fields, message });
  const logger: Logger = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  const api = createSegmentationApi({ segmenter: watched.segmenter, logger, ...options });
  const host = await mounts[name]!(api, at);
  const close = async () => {
    await host.close();
    await api.close();
  };
  return { api, host, caller: new Caller(host.url, api), log, close };
}

/** What the frontend sends. */
const payload = (bytes: Uint8Array, more: object = {}) => ({
  image_data: base64(bytes),
  image_type: "L3",
  patient_id: "patient-17",
  ...more,
});

for (const name of Object.keys(mounts)) {
  describe(`clinical.md, every request in it, through ${name}`, () => {
    it("answers with the documented fields", async () => {
      const { caller, close } = await serve({}, name, "/vision");
      try {
        for (const [more, cached] of [
          [{}, false],
          [{}, true],
          [{ image_type: "middle", slice_index: 4 }, false],
          [{ image_data: `data:image/png;base64,${base64(slice)}`, an_unknown_field: 1 }, true],
        ] as const) {
          const request = payload(slice, more);
          const answer = await caller.postJson(path, request);
          expect(answer).toEqual({
            mask_data: expect.any(String),
            confidence_score: expect.any(Number),
            processing_time_ms: expect.any(Number),
            bounding_box: {
              x: expect.any(Number),
              y: expect.any(Number),
              width: expect.any(Number),
              height: expect.any(Number),
            },
            cached,
            image_type: request.image_type,
            patient_id: "patient-17",
            ...("slice_index" in more && { slice_index: more.slice_index }),
          });
          expect(answer.confidence_score).toBeGreaterThan(0);
          expect(answer.confidence_score).toBeLessThanOrEqual(1);
        }
      } finally {
        await close();
      }
    });
  });
}

describe("clinical.md, Requirement: SAM2 Service Integration", () => {
  it("Scenario: SAM2 Docker service is available", async () => {
    const { caller, log, close } = await serve();
    await expect
      .poll(() => log.map(({ message }) => message))
      .toContain("Automatic segmentation is available.");
    expect(log.find(({ message }) => message.startsWith("Automatic"))).toMatchObject({
      level: "info",
      fields: { model: "nano", device: watched.segmenter.device },
    });
    expect(await caller.getJson("/api/segmentation/health")).toMatchObject({
      status: "healthy",
      mode: "automatic",
      model: "nano",
    });
    await close();
  });

  it("Scenario: SAM2 service unavailable", async () => {
    let isThere = false;
    let moment = Date.parse("2026-01-01T00:00:00Z");
    const segmenter = async () => {
      if (!isThere) throw new Error("connect ECONNREFUSED 10.1.2.3:9000");
      return watched.segmenter;
    };
    const { caller, log, close } = await serve({ segmenter, platform, now: () => new Date(moment) });
    // Administrators are warned.
    await expect
      .poll(() =>
        log
          .filter(({ level }) => level === "warn")
          .map(({ message }) => message)
          .join(" "),
      )
      .toContain("manual-only annotation");
    expect(await caller.getJson("/api/segmentation/health")).toMatchObject({
      status: "degraded",
      mode: "manual-only",
      reason: "MODEL_UNAVAILABLE",
    });
    expect(await caller.getJson("/health")).toMatchObject({
      status: "degraded",
      modal_status: { status: "unhealthy" },
    });
    const refused = await caller.post(path, payload(slice));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.text()).not.toContain("10.1.2.3");
    // Core functions are not blocked: pictures are taken in, masks are combined and painted by hand, files are served.
    const uploaded = await caller.json(caller.upload("/upload", new Blob([new Uint8Array(slice)]), "a.png"));
    const byHand = base64(await disc(160, 120, [80, 60], 30));
    const combined = await caller.postJson("/combine-masks", {
      session_id: uploaded.session_id,
      masks: [byHand],
    });
    expect(combined.mask_id).toBe(0);
    expect(Object.keys((await caller.getJson(`/session/${uploaded.session_id}`)).stored_masks)).toEqual([
      "0",
    ]);
    const paint = { session_id: uploaded.session_id, mask_id: 0, color: "#FF0000" };
    expect((await caller.postJson("/paint-mask", paint)).width).toBe(160);
    const { filename } = await caller.postJson("/download-painted-image", { ...paint, format: "JPG" });
    expect((await caller.fetch("GET", `/download-file/${filename}`)).status).toBe(200);
    await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
    expect((await caller.fetch("POST", "/clear-cache")).status).toBe(200);
    // The model comes back without a restart.
    isThere = true;
    moment += 60_000;
    expect((await caller.postJson(path, payload(slice))).mask_data).toEqual(expect.any(String));
    expect(await caller.getJson("/api/segmentation/health")).toMatchObject({ mode: "automatic" });
    await close();
  });

  it("reports manual-only while the remote encoder does not answer, and while the model takes its time", async () => {
    const remote = await serve({
      remoteStatus: () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:9000")),
    });
    expect(await remote.caller.getJson("/api/segmentation/health")).toMatchObject({ mode: "manual-only" });
    const health = await remote.caller.getJson("/health");
    expect(health).toMatchObject({ status: "degraded", modal_status: { status: "unhealthy" } });
    expect(JSON.stringify(health)).not.toContain("10.1.2.3");
    await remote.close();

    const hanging = await serve({ segmenter: () => new Promise(() => {}) });
    expect(await hanging.caller.getJson("/api/segmentation/health")).toMatchObject({
      mode: "manual-only",
      reason: "LOADING",
    });
    await hanging.close();
  });
});

describe("clinical.md, Requirement: Automatic Segmentation API", () => {
  it("Scenario: Successful segmentation request", async () => {
    const { caller, close } = await serve();
    const answer = await caller.postJson(path, payload(slice));
    const mask = await readMask(answer.mask_data);
    expect(Buffer.from(answer.mask_data, "base64").subarray(1, 4).toString()).toBe("PNG");
    expect([mask.width, mask.height]).toEqual([160, 120]);
    expect(iou(mask, (x, y) => Math.hypot(x - 80, y - 60) <= 30)).toBeGreaterThan(0.85);
    expect(answer.processing_time_ms).toBeLessThan(30_000);
    await close();
  });

  it("responds with a timeout error when the time is over, and the work stops", async () => {
    const { caller, close } = await serve({ timeoutsMs: { clinicalSegment: 250 } });
    watched.gate = new Promise(() => {});
    const stopped = watched.stopped;
    const answer = await caller.post(path, payload(await photo(71, 53, "png")));
    expect(answer.status).toBe(504);
    await expect.poll(() => watched.stopped).toBe(stopped + 1);
    watched.gate = undefined;
    await close();
  });

  it("Scenario: Invalid image format", async () => {
    const { caller, close } = await serve();
    const encodes = watched.runs.encodes;
    for (const bytes of [
      await photo(64, 48, "webp"),
      await photo(64, 48, "tiff"),
      Buffer.from("a letter and no picture; long enough to be taken for data rather than for a reference"),
    ]) {
      const answer = await caller.post(path, payload(bytes));
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        status: 400,
        detail: expect.stringMatching(/PNG, JPEG, DICOM/),
      });
    }
    expect(watched.runs.encodes).toBe(encodes);
    await close();
  });

  it("Scenario: SAM2 processing failure", async () => {
    const { caller, log, close } = await serve();
    const watchedFailure = new Error("CUDA error at /opt/model/secret.cu");
    watched.failure = watchedFailure;
    const bytes = await photo(66, 50, "png");
    const broken = await caller.post(path, payload(bytes));
    watched.failure = undefined;
    expect(broken.status).toBe(503);
    const problem = await broken.text();
    expect(JSON.parse(problem).detail.length).toBeGreaterThan(20);
    expect(problem).not.toContain("secret.cu");
    const logged = log.find(({ level }) => level === "error");
    expect(logged?.fields).toMatchObject({ operation: "clinicalSegment" });
    expect(logged!.fields).toMatchObject({ error: { cause: watchedFailure } });
    // A failure is not remembered, nor anything about the patient written to the log.
    expect((await caller.postJson(path, payload(bytes))).cached).toBe(false);
    expect(JSON.stringify(log)).not.toContain("patient-17");
    await close();
  });
});

describe("clinical.md, Requirement: SAM2 Request/Response Format", () => {
  it("Scenario: Request payload structure", async () => {
    const { caller, close } = await serve();
    const whole = payload(slice, { slice_index: 0 });
    for (const [field, wrong] of [
      ["image_data", 17],
      ["image_data", undefined],
      ["image_type", "L4"],
      ["image_type", undefined],
      ["patient_id", 17],
      ["patient_id", undefined],
      ["slice_index", "first"],
      ["slice_index", -1],
    ] as const) {
      const answer = await caller.post(path, { ...whole, [field]: wrong });
      expect(answer.status, `${field}: ${wrong}`).toBe(400);
      expect(await answer.json()).toMatchObject({ field, detail: expect.stringContaining(field) });
    }
    expect((await caller.post(path, whole)).status).toBe(200);
    await close();
  });

  it("takes a file reference as image_data, and no path beside the store", async () => {
    const { caller, close } = await serve();
    const uploaded = await caller.json(caller.upload("/upload", new Blob([new Uint8Array(slice)]), "a.png"));
    const { file_path } = await caller.getJson(`/session/${uploaded.session_id}`);
    const reference = (file_path as string).replace("uploads/", "");
    const answer = await caller.postJson(path, payload(slice, { image_data: reference }));
    expect(answer.mask_data).toEqual(expect.any(String));
    for (const image_data of [
      "../../../etc/passwd",
      "/etc/passwd",
      "painter/../../x.png",
      "file:///etc/passwd",
      "http://127.0.0.1:1/a.png",
      "painter/unknown.png",
      `${"../".repeat(40)}etc/passwd`,
    ]) {
      const refused = await caller.post(path, payload(slice, { image_data }));
      expect(refused.status, image_data).toBe(400);
      expect(await refused.text()).not.toMatch(/root:|ENOENT/);
    }
    await close();
  });

  it("Scenario: Response payload structure", async () => {
    const { caller, close } = await serve();
    const answer = await caller.postJson(path, payload(slice));
    const mask = await readMask(answer.mask_data);
    const { x, y, width, height } = answer.bounding_box;
    let inside = 0;
    for (let row = 0; row < 120; row++)
      for (let column = 0; column < 160; column++)
        if (mask.isInside(column, row)) {
          inside++;
          expect(column >= x && column < x + width && row >= y && row < y + height).toBe(true);
        }
    expect(inside).toBeGreaterThan(0);
    expect(answer.confidence_score).toBeGreaterThanOrEqual(0);
    expect(answer.confidence_score).toBeLessThanOrEqual(1);
    await close();
  });
});

describe("clinical.md, Requirement: Segmentation Result Caching", () => {
  it("Scenario: Cache hit on repeated request", async () => {
    const { caller, close } = await serve();
    const first = await caller.postJson(path, payload(slice));
    expect(first.cached).toBe(false);
    const before = { ...watched.runs };
    // The picture's content decides, however it is sent.
    for (const more of [{}, { image_data: `data:image/png;base64,${base64(slice)}` }]) {
      const again = await caller.postJson(path, payload(slice, more));
      expect(again).toMatchObject({ cached: true, mask_data: first.mask_data });
    }
    expect(watched.runs).toEqual(before);
    const larger = await disc(160, 120, [80, 60], 31);
    expect((await caller.postJson(path, payload(larger))).cached).toBe(false);
    expect(watched.runs.decodes).toBeGreaterThan(before.decodes);
    await close();
  });

  it("Scenario: Cache expiration", async () => {
    let moment = Date.parse("2026-01-01T00:00:00Z");
    const { caller, close } = await serve({ now: () => new Date(moment) });
    await caller.postJson(path, payload(slice));
    moment += 24 * 60 * 60 * 1000 - 1000;
    expect((await caller.postJson(path, payload(slice))).cached).toBe(true);
    moment += 2000;
    await watched.segmenter.clearCache();
    const before = watched.runs.encodes;
    expect((await caller.postJson(path, payload(slice))).cached).toBe(false);
    expect(watched.runs.encodes).toBe(before + 1);
    expect((await caller.postJson(path, payload(slice))).cached).toBe(true);
    await close();
  });

  it("serves a remembered mask while the model is away", async () => {
    const { createMemoryCacheStore } = await import("@maskery/node");
    const cache = createMemoryCacheStore({ maxBytes: 1_000_000 });
    const first = await serve({ apis: { clinical: { cache } } });
    await first.caller.postJson(path, payload(slice));
    await first.close();
    const away = await serve({
      apis: { clinical: { cache } },
      platform,
      segmenter: () => Promise.reject(new Error("away")),
    });
    expect((await away.caller.postJson(path, payload(slice))).cached).toBe(true);
    await away.close();
  });
});

const withDicom = requirement(
  "a codec that reads DICOM",
  (platform.codec.decodes as readonly string[]).includes("dicom") ? null : "the codec lists no DICOM",
);
withDicom("clinical.md with DICOM", () => {
  it("segments a slice, and one frame of several", async () => {
    const { caller, close } = await serve();
    const one = await caller.postJson(path, payload(dicom(96, 80, 1)));
    const mask = await readMask(one.mask_data);
    expect([mask.width, mask.height]).toEqual([96, 80]);
    const several = dicom(96, 80, 3);
    const first = await caller.postJson(path, payload(several, { slice_index: 0 }));
    const last = await caller.postJson(path, payload(several, { slice_index: 2 }));
    expect(last.cached).toBe(false);
    expect(last.mask_data).not.toBe(first.mask_data);
    expect((await caller.post(path, payload(several, { slice_index: 3 }))).status).toBe(400);
    await close();
  });
});
