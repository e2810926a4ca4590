import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createNodePlatform } from "@maskery/node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requirement } from "../../../tests/support/requirement.js";
import { Caller } from "./support/caller.js";
import { mounts, type RunningHost } from "./support/mounts.js";
import { bmp, photo, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

vi.setConfig({ testTimeout: 120_000 });

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const localTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;
const number = expect.any(Number);
const text = expect.any(String);
const bbox = [number, number, number, number];
const width = 520;
const height = 320;
/** The document's example says 32; eight a side are a sixteenth of the clicks. */
const fewPoints = { points_per_side: 8, pred_iou_thresh: 0.3, stability_score_thresh: 0.3 };

let watched: WatchedSegmenter;
let building: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  building = await photo(width, height);
});
afterAll(() => watched.segmenter.dispose());

async function serve(
  name: keyof typeof mounts = "node",
  options: Partial<Parameters<typeof createSegmentationApi>[0]> = {},
  at = "",
) {
  const api = createSegmentationApi({ segmenter: watched.segmenter, ...options });
  const host = await mounts[name]!(api, at);
  return { api, host, caller: new Caller(host.url, api) };
}

const upload = (caller: Caller, bytes: Uint8Array = building, name = "building.jpg") =>
  caller.json(caller.upload("/upload", new Blob([new Uint8Array(bytes)], { type: "image/jpeg" }), name));

for (const name of Object.keys(mounts)) {
  describe(`painter.md, every request in it, through ${name}`, () => {
    let api: SegmentationApi;
    let host: RunningHost;
    let caller: Caller;
    let session_id: string;
    beforeAll(async () => {
      ({ api, host, caller } = await serve(name, {}, "/paint"));
    });
    afterAll(async () => {
      await host.close();
      await api.close();
    });

    it("1. Upload Image", async () => {
      const answer = await upload(caller);
      expect(answer).toEqual({
        session_id: expect.stringMatching(uuid),
        filename: "building.jpg",
        width,
        height,
        file_size: building.length,
        image_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        created_at: expect.stringMatching(localTime),
        expires_at: expect.stringMatching(localTime),
      });
      session_id = answer.session_id;
      expect(Date.parse(answer.expires_at) - Date.parse(answer.created_at)).toBe(3_600_000);
    });

    const masks = {
      session_id: text,
      masks: expect.any(Array),
      total_masks: number,
      image_hash: text,
      cached: expect.any(Boolean),
      processing_time: number,
    };

    const generated = {
      ...masks,
      thresholds: { pred_iou_thresh: 0.3, stability_score_thresh: 0.3 },
    };

    it("2. Segment with Points", async () => {
      for (let time = 0; time < 2; time++) {
        const answer = await caller.postJson("/segment", {
          session_id,
          points: [{ x: 500, y: 300, label: 1 }],
        });
        expect(answer).toEqual({ ...masks, best_mask_id: number });
        expect(answer.masks).toHaveLength(answer.total_masks);
        for (const mask of answer.masks)
          expect(mask).toMatchObject({ mask_id: number, mask: text, score: number, bbox, area: number });
        expect(answer.masks[0].mask_id).toBe(answer.best_mask_id);
        const drawn = await readMask(answer.masks[0].mask);
        expect(drawn).toMatchObject({ width, height, area: answer.masks[0].area });
      }
    });

    for (const path of ["/generate-masks", "/generate-masks-advanced"])
      it(`3. Generate All Masks: ${path}`, async () => {
        const answer = await caller.postJson(path, { session_id, ...fewPoints });
        expect(answer).toEqual(generated);
        expect(answer.total_masks).toBeGreaterThan(0);
        for (const mask of answer.masks) {
          expect(mask).toEqual({
            mask_id: number,
            mask: text,
            score: number,
            bbox,
            area: number,
            stability_score: number,
          });
          const [x1, y1, x2, y2] = mask.bbox;
          expect(x1 < x2 && y1 < y2 && x2 <= width && y2 <= height).toBe(true);
        }
      });

    it("4. Generate Masks with Caching", async () => {
      const request = { session_id, image_hash: "abc123", ...fewPoints };
      expect(await caller.postJson("/generate-masks-cached", request)).toEqual({
        ...generated,
        cached: true,
      });
    });

    it("5. Get Instant Mask at Point", async () => {
      const request = { session_id, point: [500, 300], image_hash: "abc123" };
      const before = { ...watched.runs };
      const stored = await caller.postJson("/get-mask-at-point-instant", request);
      expect(stored).toEqual({
        session_id,
        found: true,
        mask: text,
        mask_id: number,
        score: number,
        bbox,
        area: number,
        cached: true,
      });
      const passed = await caller.postJson("/get-mask-at-point-instant", {
        ...request,
        all_masks: [{ mask: stored.mask, score: 0.5, mask_id: 7 }],
      });
      expect(passed).toMatchObject({ found: true, mask_id: 7, score: 0.5, area: stored.area });
      const none = await caller.postJson("/get-mask-at-point-instant", { ...request, all_masks: [] });
      expect(none).toMatchObject({ found: false, mask: null, mask_id: null, cached: true });
      expect(watched.runs).toEqual(before);
    });

    it("6. Paint Mask", async () => {
      const answer = await caller.postJson("/paint-mask", {
        session_id,
        mask_id: 5,
        color: "#FF0000",
        opacity: 0.7,
      });
      expect(answer).toEqual({ session_id, image: text, format: "PNG", width, height });
      const several = await caller.postJson("/paint-multiple-masks", {
        session_id,
        masks: [
          { mask_id: 0, color: "#FF0000", opacity: 0.7 },
          { mask_id: 1, color: "#1E90FF", opacity: 0.5 },
        ],
      });
      expect(several).toEqual({ session_id, image: text, format: "PNG", width, height });
      const drawn = await sharp(Buffer.from(answer.image, "base64")).metadata();
      expect(drawn).toMatchObject({ format: "png", width, height });
    });

    for (const [title, path, request, type] of [
      ["7. Download Original Image", "/download-image", { format: "PNG" }, "png"],
      ["Original Image Download", "/download-image", { format: "JPG", quality: 95 }, "jpeg"],
      [
        "8. Download Painted Image",
        "/download-painted-image",
        { mask_id: 5, color: "#FF0000", opacity: 0.7, format: "JPG", quality: 90 },
        "jpeg",
      ],
    ] as const)
      it(title, async () => {
        const answer = await caller.postJson(path, { session_id, ...request });
        expect(answer).toEqual({
          session_id,
          image_url: `/paint/download-file/${answer.filename}`,
          filename: text,
          format: request.format,
          size_bytes: number,
        });
        const file = await caller.fetch("GET", `/download-file/${answer.filename}`);
        expect(file.headers.get("content-disposition")).toContain("attachment");
        expect(file.headers.get("content-length")).toBe(String(answer.size_bytes));
        expect(await sharp(await file.arrayBuffer()).metadata()).toMatchObject({
          format: type,
          width,
          height,
        });
      });

    it("9. List Available Downloads", async () => {
      const { downloads, total } = await caller.getJson("/list-downloads");
      expect(total).toBe(3);
      expect(downloads).toHaveLength(3);
      for (const download of downloads) {
        expect(download).toEqual({
          filename: text,
          size_bytes: number,
          format: expect.stringMatching(/^(PNG|JPG)$/),
          created_at: expect.stringMatching(localTime),
          download_url: `/paint/download-file/${download.filename}`,
        });
        expect((await fetch(new URL(download.download_url, host.url))).status).toBe(200);
      }
    });

    it("combines masks, takes a click with caching and gives the embedding", async () => {
      const combined = await caller.postJson("/combine-masks", { session_id, mask_ids: [0, 1] });
      expect(combined).toMatchObject({
        session_id,
        mask_id: number,
        mask: text,
        score: number,
        bbox,
        area: number,
      });
      const click = await caller.postJson("/generate-mask-at-point-cached", {
        session_id,
        point: [500, 300],
      });
      expect(click).toMatchObject({ session_id, mask: text, score: number, bbox, cached: true });
      const embedding = await caller.postJson("/get-embedding", { session_id });
      expect(embedding).toEqual({
        session_id,
        image_hash: text,
        embedding: text,
        model: "nano",
        cached: true,
      });
    });

    it("Session Data Structure", async () => {
      const session = await caller.getJson(`/session/${session_id}`);
      expect(session).toMatchObject({
        session_id,
        file_path: expect.stringMatching(/^uploads\//),
        filename: "building.jpg",
        width,
        height,
        created_at: expect.stringMatching(localTime),
        stored_masks: expect.any(Object),
        image_data: Buffer.from(building).toString("base64"),
        // `/get-embedding` was asked before.
        embedding_cache: text,
      });
      for (const mask of Object.values(session.stored_masks))
        expect(mask).toEqual({ mask: text, score: number, bbox });
      const without = await caller.getJson(`/session/${session_id}?include=`);
      expect([without.image_data, without.embedding_cache]).toEqual([null, null]);
      const picked = await caller.getJson(`/session/${session_id}?include=embedding_cache`);
      expect([picked.image_data, picked.embedding_cache]).toEqual([null, session.embedding_cache]);
    });

    it("Health Check", async () => {
      expect(await caller.getJson("/health")).toEqual({
        status: "healthy",
        modal_status: expect.objectContaining({ status: "healthy" }),
        timestamp: expect.stringMatching(localTime),
        sessions_count: 1,
        cache_status: {
          total_sessions: 1,
          sessions_with_cache: 1,
          total_cached_masks: number,
          total_cached_embeddings: number,
        },
      });
    });

    it("10. Cache Management", async () => {
      const before = await caller.getJson("/cache-status");
      expect(before).toMatchObject({ total_sessions: 1, sessions_with_cache: 1 });
      expect(before.total_cached_masks).toBeGreaterThan(0);
      expect(before.total_cached_embeddings).toBeGreaterThan(0);
      expect(await caller.json(caller.fetch("POST", "/clear-cache"))).toEqual({ message: text });
      expect(await caller.getJson("/cache-status")).toEqual({
        total_sessions: 1,
        sessions_with_cache: 0,
        total_cached_masks: 0,
        total_cached_embeddings: 0,
      });
    });

    it("Cleanup by manual deletion", async () => {
      const { filename } = await caller.postJson("/download-image", { session_id, format: "PNG" });
      expect(await caller.json(caller.fetch("DELETE", `/session/${session_id}`))).toEqual({ message: text });
      expect((await caller.fetch("GET", `/session/${session_id}`)).status).toBe(404);
      expect((await caller.fetch("DELETE", `/session/${session_id}`)).status).toBe(404);
      expect((await caller.fetch("GET", `/download-file/${filename}`)).status).toBe(404);
      expect((await caller.getJson("/list-downloads")).total).toBe(0);
    });
  });
}

describe("painter.md, what paint does", () => {
  it("paints inside the mask and leaves the rest as it is", async () => {
    const { api, host, caller } = await serve();
    const { session_id } = await upload(caller);
    const left = await sharp({ create: { width, height, channels: 3, background: "#000" } })
      .composite([
        { input: { create: { width: width / 2, height, channels: 3, background: "#fff" } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    const { image } = await caller.postJson("/paint-mask", {
      session_id,
      mask: left.toString("base64"),
      color: "#FF0000",
      opacity: 1,
    });
    const pixels = await sharp(Buffer.from(image, "base64")).removeAlpha().raw().toBuffer();
    const original = await sharp(building).removeAlpha().raw().toBuffer();
    const at = (data: Buffer, x: number, y: number) => [
      ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];
    expect(at(pixels, 100, 100)).toEqual([255, 0, 0]);
    const far = at(pixels, 450, 100);
    for (const [channel, value] of at(original, 450, 100).entries())
      expect(Math.abs(far[channel]! - value)).toBeLessThanOrEqual(2);
    await host.close();
    await api.close();
  });
});

describe("painter.md, File Limits", () => {
  for (const format of ["jpeg", "png", "tiff"] as const)
    it(`takes ${format}`, async () => {
      const { api, host, caller } = await serve();
      const answer = await upload(caller, await photo(64, 48, format), "A PHOTO.JPEG");
      expect([answer.width, answer.height]).toEqual([64, 48]);
      await host.close();
      await api.close();
    });

  const withBmp = requirement(
    "a codec that reads BMP",
    createNodePlatform().codec.decodes.includes("bmp") ? null : "the codec lists no BMP",
  );
  withBmp("with BMP", () => {
    it("takes bmp", async () => {
      const { api, host, caller } = await serve();
      const answer = await upload(caller, await bmp(await photo(64, 48, "png")), "a.bmp");
      expect([answer.width, answer.height]).toEqual([64, 48]);
      await host.close();
      await api.close();
    });
  });

  it("refuses WebP, which the document does not name", async () => {
    const { api, host, caller } = await serve();
    const webp = new Blob([new Uint8Array(await photo(64, 48, "webp"))]);
    expect((await caller.upload("/upload", webp, "a.jpg")).status).toBe(415);
    await host.close();
    await api.close();
  });
});
