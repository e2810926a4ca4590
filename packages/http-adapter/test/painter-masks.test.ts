import { crc32 } from "node:zlib";
import { createNodePlatform } from "@maskery/node";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import type { Caller } from "./support/caller.js";
import { disc, iou, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const width = 160;
const height = 120;
/** Eight clicks a side: a sixteenth of the document's, and enough for one disc. */
const few = { points_per_side: 8 };

let watched: WatchedSegmenter;
let server: ApiServer;
let caller: Caller;
let picture: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  server = await serveApi(watched);
  ({ caller } = server);
  picture = await disc(width, height, [60, 50], 30);
});
afterEach(() => {
  watched.decoderGate = undefined;
});
afterAll(async () => {
  await server.close();
  await watched.segmenter.dispose();
});

const inDisc = (x: number, y: number) => Math.hypot(x - 60, y - 50) <= 30;

async function upload(bytes: Uint8Array = picture, name = "disc.png"): Promise<string> {
  const answer = await caller.json(caller.upload("/upload", new Blob([new Uint8Array(bytes)]), name));
  return answer.session_id;
}

const click = (session_id: string, more: object = {}) =>
  caller.postJson("/segment", { session_id, points: [{ x: 60, y: 50, label: 1 }], ...more });

const idsOf = (answer: { masks: { mask_id: number }[] }) => answer.masks.map(({ mask_id }) => mask_id);
const storedIds = async (session_id: string) =>
  Object.keys((await caller.getJson(`/session/${session_id}`)).stored_masks).map(Number);

describe("3. Generate All Masks, with the document's own numbers", () => {
  it("finds the objects with the built-in model, whose scores lie lower, and says what it applied", async () => {
    const session_id = await upload();
    const documented = await caller.postJson("/generate-masks", {
      session_id,
      ...few,
      pred_iou_thresh: 0.88,
      stability_score_thresh: 0.95,
    });
    expect(documented.thresholds).toEqual({ pred_iou_thresh: 0.5, stability_score_thresh: 0.7 });
    expect(documented.cached).toBe(false);
    const best = await readMask(documented.masks[0].mask);
    expect(
      Math.max(
        iou(best, inDisc),
        iou(best, (x, y) => !inDisc(x, y)),
      ),
    ).toBeGreaterThan(0.9);
    // Who leaves the numbers out means the same.
    const silent = await caller.postJson("/generate-masks", { session_id, ...few });
    expect(silent).toMatchObject({ cached: true, thresholds: documented.thresholds });
    expect(idsOf(silent)).toEqual(idsOf(documented));
  });

  it("takes every other number at its word", async () => {
    const session_id = await upload();
    const own = await caller.postJson("/generate-masks", { session_id, ...few });
    const scores = own.masks.map(({ score }: { score: number }) => score);
    const between = (Math.max(...scores) + Math.min(...scores)) / 2;
    const strict = await caller.postJson("/generate-masks", { session_id, ...few, pred_iou_thresh: between });
    expect(strict.thresholds).toEqual({ pred_iou_thresh: between, stability_score_thresh: 0.7 });
    expect(strict.total_masks).toBeGreaterThan(0);
    for (const { score } of strict.masks) expect(score).toBeGreaterThan(between);
    const none = await caller.postJson("/generate-masks", { session_id, ...few, pred_iou_thresh: 1 });
    expect(none).toMatchObject({ total_masks: 0, thresholds: { pred_iou_thresh: 1 } });
  });
});

describe("masks that a client passes back", () => {
  it("in every form that the answers and the document have, and as other tools write them", async () => {
    const session_id = await upload();
    const { masks } = await click(session_id);
    const { mask, area, score, bbox, mask_id } = masks[0];
    const plain = (await sharp(Buffer.from(mask, "base64")).toColourspace("b-w").raw().toBuffer()).map(
      (value) => (value > 127 ? 255 : 0),
    );
    const raw = { width, height, channels: 1 } as const;
    const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
    const rgba = Buffer.alloc(width * height * 4);
    for (const [pixel, value] of plain.entries()) rgba.set([255, 0, 0, value], pixel * 4);
    const forms: Record<string, string> = {
      "as answered": mask,
      "a data URL": `data:image/png;base64,${mask}`,
      "with line breaks": mask.replace(/.{76}/g, "$&\r\n"),
      "for URLs, unpadded": mask.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
      "eight bits": encoded(await sharp(plain, { raw }).png().toBuffer()),
      "an array of 0 and 1": encoded(
        await sharp(
          plain.map((value) => value / 255),
          { raw },
        )
          .png()
          .toBuffer(),
      ),
      "a cutout": encoded(
        await sharp(rgba, { raw: { ...raw, channels: 4 } })
          .png()
          .toBuffer(),
      ),
    };
    for (const [name, form] of Object.entries(forms)) {
      for (const entry of [form, { mask: form, score, bbox, mask_id, area }]) {
        const combined = await caller.postJson("/combine-masks", { session_id, masks: [entry] });
        expect(combined.area, name).toBe(area);
        const instant = await caller.postJson("/get-mask-at-point-instant", {
          session_id,
          point: [60, 50],
          all_masks: [entry],
        });
        expect(instant, name).toMatchObject({ found: true, area });
      }
      const painted = await caller.postJson("/paint-mask", {
        session_id,
        mask: form,
        color: "#FF0000",
        opacity: 1,
      });
      const pixels = await sharp(Buffer.from(painted.image, "base64")).removeAlpha().raw().toBuffer();
      let red = 0;
      for (let at = 0; at < pixels.length; at += 3)
        if (pixels[at] === 255 && pixels[at + 1] === 0 && pixels[at + 2] === 0) red++;
      expect(red, name).toBe(area);
      expect(
        (await caller.postJson("/segment", { session_id, mask: form })).total_masks,
        name,
      ).toBeGreaterThan(0);
    }
  });

  it("of another size are refused by their header, however large they claim to be", async () => {
    const session_id = await upload();
    const huge = claiming(await sharp(picture).png().toBuffer(), 30_000, 20_000);
    for (const [path, request, field] of [
      ["/combine-masks", { masks: [huge.toString("base64")] }, "masks[0]"],
      ["/paint-mask", { mask: huge.toString("base64"), color: "red" }, "mask"],
      [
        "/get-mask-at-point-instant",
        { point: [1, 1], all_masks: [{ mask: huge.toString("base64") }] },
        "all_masks[0].mask",
      ],
    ] as const) {
      const refused = await caller.post(path, { session_id, ...request });
      expect(refused.status).toBe(400);
      const { detail, ...problem } = (await refused.json()) as Record<string, unknown>;
      expect(problem).toMatchObject({ code: "INVALID_INPUT", field });
      expect(detail).toContain("160 × 120");
      expect(detail).toContain("30000 × 20000");
    }
  });
});

describe("numbers of masks", () => {
  it("of another session are unknown to every route that takes them", async () => {
    const [mine, theirs] = [await upload(), await upload()];
    const { best_mask_id: mask_id } = await click(theirs);
    for (const [path, request, field] of [
      ["/segment", { mask_id }, "mask_id"],
      ["/combine-masks", { mask_ids: [mask_id] }, "mask_ids[0]"],
      ["/paint-mask", { mask_id, color: "red" }, "mask_id"],
      ["/paint-multiple-masks", { masks: [{ mask_id, color: "red" }] }, "masks[0].mask_id"],
      ["/download-painted-image", { mask_id, color: "red" }, "mask_id"],
    ] as const) {
      const refused = await caller.post(path, { session_id: mine, ...request });
      expect(refused.status, path).toBe(404);
      expect(await refused.json()).toMatchObject({ code: "NOT_FOUND", field });
    }
    expect(await storedIds(mine)).toEqual([]);
  });

  it("are given once, however many requests come at a time", async () => {
    const session_id = await upload(await disc(width, height, [70, 60], 33));
    const answers = await Promise.all([
      click(session_id),
      click(session_id, { points: [{ x: 10, y: 10 }] }),
      click(session_id, { boxes: [[30, 20, 90, 90]] }),
      caller.postJson("/generate-masks", { session_id, ...few }),
      caller.postJson("/generate-masks-cached", { session_id, ...few, pred_iou_thresh: 0.2 }),
      click(session_id, { multimask_output: false }),
    ]);
    const ids = answers.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    expect((await storedIds(session_id)).sort((a, b) => a - b)).toEqual([...ids].sort((a, b) => a - b));
  });

  it("stay those of one run when the same generation is asked for twice at once", async () => {
    const bytes = await disc(width, height, [80, 60], 31);
    const sessions = [await upload(bytes), await upload(bytes)];
    const before = watched.runs.decodes;
    let open = () => {};
    watched.decoderGate = { runsLeft: 1, open: new Promise((resolve) => (open = () => resolve())) };
    const asked = [sessions[0], sessions[0]].map((session_id) =>
      caller.postJson("/generate-masks", { session_id, ...few }),
    );
    await expect.poll(() => watched.heldDecodes).toBeGreaterThan(0);
    open();
    const [first, second] = await Promise.all(asked);
    const runs = watched.runs.decodes - before;
    expect(idsOf(second)).toEqual(idsOf(first));
    expect(await storedIds(sessions[0]!)).toEqual(idsOf(first));
    // The picture's content counts, not the session: no model runs for the same picture in another one.
    const elsewhere = await caller.postJson("/generate-masks-cached", {
      session_id: sessions[1],
      image_hash: "some hash of the client's",
      ...few,
    });
    expect(elsewhere).toMatchObject({ cached: true, total_masks: first.total_masks });
    expect(await storedIds(sessions[1]!)).toEqual(idsOf(elsewhere));
    expect(watched.runs.decodes - before).toBe(runs);
    await watched.segmenter.clearCache();
    const alone = watched.runs.decodes;
    await caller.postJson("/clear-cache", {});
    await caller.postJson("/generate-masks", { session_id: sessions[0], ...few });
    expect(watched.runs.decodes - alone).toBe(runs);
  });

  it("of an earlier generation stay good, up to eight generations", async () => {
    const session_id = await upload();
    const generations: number[][] = [];
    for (let number = 0; number < 9; number++)
      generations.push(
        idsOf(
          await caller.postJson("/generate-masks-advanced", {
            session_id,
            points_per_side: 4,
            box_nms_thresh: 0.7 + number / 100,
          }),
        ),
      );
    for (const ids of generations) expect(ids.length).toBeGreaterThan(0);
    expect((await storedIds(session_id)).sort((a, b) => a - b)).toEqual(generations.slice(1).flat());
    expect(
      (await caller.post("/paint-mask", { session_id, mask_id: generations[1]![0], color: "red" })).status,
    ).toBe(200);
    expect(
      (await caller.post("/paint-mask", { session_id, mask_id: generations[0]![0], color: "red" })).status,
    ).toBe(404);
  });

  it("of a cached click: the same click has the same number, and no model runs for it", async () => {
    const session_id = await upload();
    const request = { session_id, point: [60, 50] };
    const [first, second] = await Promise.all(
      [1, 2].map(() => caller.postJson("/generate-mask-at-point-cached", request)),
    );
    expect(second.mask_id).toBe(first.mask_id);
    const before = { ...watched.runs };
    const third = await caller.postJson("/generate-mask-at-point-cached", request);
    expect(third).toMatchObject({
      cached: true,
      mask_id: first.mask_id,
      mask: first.mask,
      score: first.score,
    });
    expect(watched.runs).toEqual(before);
    expect(await storedIds(session_id)).toEqual([first.mask_id]);
    const beside = await caller.postJson("/generate-mask-at-point-cached", { session_id, point: [61, 50] });
    expect(beside.mask_id).not.toBe(first.mask_id);
  });
});

describe("a picture that its camera turned", () => {
  it("is clicked, masked and painted as it is displayed", async () => {
    // Turned by a quarter to the right: what lies at (60, 50) is displayed at (69, 60).
    const turned = await sharp(picture).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
    const answer = await caller.json(
      caller.upload("/upload", new Blob([new Uint8Array(turned)]), "turned.jpg"),
    );
    expect([answer.width, answer.height]).toEqual([height, width]);
    const displayed = (x: number, y: number) => Math.hypot(x - (height - 1 - 50), y - 60) <= 30;
    const { masks } = await caller.postJson("/segment", {
      session_id: answer.session_id,
      points: [{ x: height - 1 - 50, y: 60 }],
    });
    const mask = await readMask(masks[0].mask);
    expect([mask.width, mask.height]).toEqual([height, width]);
    expect(iou(mask, displayed)).toBeGreaterThan(0.9);
    const { image } = await caller.postJson("/paint-mask", {
      session_id: answer.session_id,
      mask_id: masks[0].mask_id,
      color: "#00FF00",
      opacity: 1,
    });
    const { data, info } = await sharp(Buffer.from(image, "base64"))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([height, width]);
    const at = (x: number, y: number) => [...data.subarray((y * height + x) * 3, (y * height + x) * 3 + 3)];
    expect(at(69, 60)).toEqual([0, 255, 0]);
    expect(at(10, 140)).not.toEqual([0, 255, 0]);
    // The download is turned once, and no viewer turns it again.
    const { filename } = await caller.postJson("/download-image", {
      session_id: answer.session_id,
      format: "JPG",
    });
    const file = await (await caller.fetch("GET", `/download-file/${filename}`)).arrayBuffer();
    const found = await sharp(file).metadata();
    expect([found.width, found.height, found.orientation ?? 1]).toEqual([height, width, 1]);
  });
});

describe("many masks at once", () => {
  it("are decoded a few at a time: each is as large as the picture meanwhile", async () => {
    const platform = createNodePlatform();
    let running = 0;
    let most = 0;
    const decode: typeof platform.codec.decode = async (bytes, options) => {
      most = Math.max(most, ++running);
      return platform.codec.decode(bytes, options).finally(() => running--);
    };
    const own = await serveApi(watched, { platform: { ...platform, codec: { ...platform.codec, decode } } });
    try {
      const { session_id } = await own.caller.json(
        own.caller.upload("/upload", new Blob([new Uint8Array(picture)]), "disc.png"),
      );
      const { mask } = (await own.caller.postJson("/segment", { session_id, points: [{ x: 60, y: 50 }] }))
        .masks[0];
      const masks = Array.from({ length: 40 }, () => mask);
      const point = [60, 50];
      const found = await own.caller.postJson("/get-mask-at-point-instant", {
        session_id,
        point,
        all_masks: masks,
      });
      expect(found.found).toBe(true);
      await own.caller.postJson("/combine-masks", { session_id, masks });
      const layers = masks.map((each) => ({ mask: each, color: "red" }));
      await own.caller.postJson("/paint-multiple-masks", { session_id, masks: layers });
      expect(most).toBeGreaterThan(1);
      expect(most).toBeLessThanOrEqual(4);
    } finally {
      await own.close();
    }
  });
});

/** The same PNG, with another size in its header. */
function claiming(png: Buffer, claimedWidth: number, claimedHeight: number): Buffer {
  const changed = Buffer.from(png);
  changed.writeUInt32BE(claimedWidth, 16);
  changed.writeUInt32BE(claimedHeight, 20);
  changed.writeUInt32BE(crc32(changed.subarray(12, 29)), 29);
  return changed;
}
