import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createSegmentationClient,
  type SegmentationClient,
  type UploadProgress,
} from "@maskery/http-adapter/client";
import { MaskeryError } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import { disc } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

let watched: WatchedSegmenter;
let server: ApiServer;
let client: SegmentationClient;
let picture: Uint8Array<ArrayBuffer>;
/** What went over the wire: method and path. */
const sent: string[] = [];
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  server = await serveApi(watched, {}, "node", "/vision");
  picture = new Uint8Array(await disc(160, 120, [60, 50], 30));
  client = createSegmentationClient({
    baseUrl: server.host.url,
    fetch: (input, init) => {
      sent.push(`${init?.method} ${new URL(String(input)).pathname.replace("/vision", "")}`);
      return fetch(input, init);
    },
  });
});
afterAll(async () => {
  await server.close();
  await watched.segmenter.dispose();
});

describe("the client", () => {
  it("reaches every endpoint of the three documents, with answers as their types say", async () => {
    const { painter, demo, clinical } = client;
    const { session_id } = await painter.upload(picture, { filename: "disc.png" });
    const few = { session_id, points_per_side: 4 };
    const segmented = await painter.segment({ session_id, points: [{ x: 60, y: 50 }], mask_id: null });
    const generated = await painter.generateMasks({ ...few, pred_iou_thresh: 0.88 });
    expect(generated.thresholds.pred_iou_thresh).toBe(0.5);
    const advanced = await painter.generateMasksAdvanced({ ...few, box_nms_thresh: 0.6 });
    const cached = await painter.generateMasksCached({ ...few, image_hash: "abc123" });
    expect([advanced.cached, cached.cached]).toEqual([false, true]);
    const combined = await painter.combineMasks({
      session_id,
      mask_ids: [segmented.best_mask_id],
      masks: [segmented.masks[1]!, segmented.masks[2]!.mask],
    });
    expect(combined.combined).toBe(3);
    const paint = { session_id, mask_id: combined.mask_id, color: "#FF0000" };
    expect((await painter.paintMask({ ...paint, blend: "multiply" })).format).toBe("PNG");
    expect((await painter.paintMasks({ session_id, masks: [{ ...paint, opacity: 0.5 }] })).width).toBe(160);
    const instant = await painter.maskAtPointInstant({
      session_id,
      point: [60, 50],
      all_masks: generated.masks,
    });
    expect(instant.found).toBe(true);
    expect((await painter.maskAtPoint({ session_id, point: [60, 50] })).area).toBeGreaterThan(0);
    const { embedding } = await painter.embedding({ session_id });
    const original = await painter.downloadImage({ session_id, format: "JPG", quality: 80 });
    const file = await painter.downloadPaintedImage({ ...paint, format: "PNG" });
    expect((await painter.fetchFile(file.filename)).size).toBe(file.size_bytes);
    const { downloads } = await painter.listDownloads();
    expect(downloads.map(({ filename }) => filename).sort()).toEqual(
      [file.filename, original.filename].sort(),
    );
    const session = await painter.session(session_id);
    expect(session.image_data).toBe(Buffer.from(picture).toString("base64"));
    expect(session.embedding_cache).toBe(embedding);
    expect((await painter.session(session_id, { include: [] })).image_data).toBeNull();
    expect((await painter.health()).status).toBe("healthy");
    expect((await painter.cacheStatus()).total_sessions).toBe(1);
    await painter.clearCache();
    await painter.deleteSession(session_id);

    const { session_id: demoId } = await demo.createSession();
    await demo.upload(demoId, picture, { filename: "disc.png" });
    await demo.start(demoId);
    const results = await demo.waitForResults(demoId, { pollEveryMs: 20 });
    expect(results.segments.length).toBeGreaterThan(0);

    const slice = {
      image_data: Buffer.from(picture).toString("base64"),
      image_type: "L3",
      patient_id: "p",
    } as const;
    expect((await clinical.segment(slice)).cached).toBe(false);
    expect((await clinical.segment({ ...slice, slice_index: null })).cached).toBe(true);
    expect((await clinical.health()).mode).toBe("automatic");
    const documentation = await client.documentation();
    expect(documentation.documentation.openapi).toBe("/vision/openapi.json");

    const templates = Object.entries(server.api.openapi.paths ?? {}).flatMap(([path, operations]) =>
      Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // Pictures of the demo are read by the addresses in its answers.
    const expected = templates.filter((template) => !template.includes("/api/files/"));
    expect(expected.length).toBeGreaterThanOrEqual(28);
    const reached = (template: string) =>
      sent.some((line) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/?]+")}$`).test(line));
    expect(expected.filter((template) => !reached(template))).toEqual([]);
    // And calls nothing that the server does not have.
    const known = (line: string) =>
      templates.some((template) => new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(line));
    expect(sent.filter((line) => !known(line))).toEqual([]);
  });

  it("tells how far an upload is: bytes, a Blob and a stream", async () => {
    const large = new Uint8Array(300_000);
    large.set(picture);
    for (const [file, totalBytes] of [
      [large, large.length],
      [new Blob([large]), large.length],
      [new Blob([large]).stream() as ReadableStream<Uint8Array>, undefined],
    ] as const) {
      const told: UploadProgress[] = [];
      const answer = await client.painter.upload(file, {
        filename: "disc.png",
        onUploadProgress: (progress) => told.push(progress),
      });
      expect([answer.file_size, answer.filename]).toEqual([large.length, "disc.png"]);
      expect(told[0]).toEqual({ sentBytes: 0, totalBytes });
      expect(told.at(-1)).toEqual({ sentBytes: large.length, totalBytes });
      // Streams come in the pieces that their source makes.
      expect(told.length).toBeGreaterThan(totalBytes === undefined ? 1 : 3);
      const bytes = told.map(({ sentBytes }) => sentBytes);
      expect(bytes).toEqual([...bytes].sort((first, second) => first - second));
    }
  });

  it("tells begin and end where the platform says no more, as in browsers", async () => {
    const browser = globalThis as { XMLHttpRequest?: unknown };
    browser.XMLHttpRequest = class {};
    try {
      const told: UploadProgress[] = [];
      await client.painter.upload(picture, {
        filename: "a.png",
        onUploadProgress: (progress) => told.push(progress),
      });
      const totalBytes = picture.length;
      expect(told).toEqual([
        { sentBytes: 0, totalBytes },
        { sentBytes: totalBytes, totalBytes },
      ]);
      const refused: UploadProgress[] = [];
      await expect(
        client.painter.upload(picture, {
          filename: "a.exe",
          onUploadProgress: (progress) => refused.push(progress),
        }),
      ).rejects.toMatchObject({ code: "UNSUPPORTED_FORMAT", field: "file" });
      expect(refused).toEqual([{ sentBytes: 0, totalBytes }]);
    } finally {
      delete browser.XMLHttpRequest;
    }
  });

  it("stops in the middle of an upload and of an answer when the caller says so", async () => {
    let leaving = new AbortController();
    const silent = createServer((request, response) => {
      request.resume();
      // Answers begin and never end.
      if (request.method === "GET") response.write("{");
      leaving.abort();
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const slow = createSegmentationClient({ baseUrl: `http://127.0.0.1:${port}` });
    const calls: readonly ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => slow.painter.upload(picture, { signal }),
      (signal) => slow.painter.upload(new Blob([picture]).stream() as ReadableStream<Uint8Array>, { signal }),
      (signal) => slow.painter.health({ signal }),
      (signal) => slow.painter.fetchFile("a.png", { signal }),
      (signal) => slow.clinical.segment({ image_data: "a", image_type: "L3", patient_id: "p" }, { signal }),
      (signal) => slow.demo.segment(picture, { signal }),
    ];
    try {
      for (const call of calls) {
        leaving = new AbortController();
        const error: unknown = await call(leaving.signal).catch((caught: unknown) => caught);
        expect(MaskeryError.is(error) && error.code).toBe("ABORTED");
      }
    } finally {
      silent.closeAllConnections();
      await new Promise((resolve) => silent.close(resolve));
    }
  });
});
