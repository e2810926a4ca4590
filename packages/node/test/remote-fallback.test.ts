import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createNodePlatform,
  createSegmenter,
  FALLBACK_HERE,
  findModel,
  firstWorking,
  MaskeryError,
  placementHandler,
  placementHealth,
  placementRoutes,
  type RgbaImage,
  type Segmenter,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { photo } from "./cli-process.js";
import { type PlacementServer, startPlacementServer } from "./placement-server.js";

const platform = createNodePlatform();
const click = [{ x: 225, y: 120 }];
const quick = { retries: 0, timeoutMs: 60_000 };
const uncached = { embeddingCache: { maxBytes: 0 }, resultCache: { maxBytes: 0 } };

let segmenter: Segmenter;
let picture: RgbaImage;
let server: PlacementServer;
beforeAll(async () => {
  segmenter = await createSegmenter({ device: "cpu" });
  picture = await platform.codec.decode(await readFile(photo("chelsea.png")));
});
afterAll(() => segmenter.dispose());
beforeEach(async () => {
  server = await startPlacementServer(placementHandler(segmenter.placement, segmenter.platform));
});
afterEach(() => server.close());

describe("a segmenter's own placement", () => {
  test("is what other machines are served", async () => {
    const health = await placementHealth({ url: server.url, ...quick });
    expect(health).toMatchObject({ model: segmenter.model, encoder: { device: "cpu" } });
    const there = await createSegmenter({ device: "cpu", remote: { encoder: server.url } });
    const expected = (await segmenter.segment(picture, click)).best;
    expect(expected.area).toBeGreaterThan(500);
    expect((await there.segment(picture, click)).best.iou(expected)).toBe(1);
    await there.dispose();
    await expect(
      placementHealth({ url: server.url, modelFingerprint: "another", ...quick }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test("runs its work where the server says, after the body was read, with the server's own signal", async () => {
    const order: string[] = [];
    const { encode, decode } = placementRoutes(segmenter.placement, platform, {
      async limitWork(work) {
        order.push(body.locked ? "read" : "unread");
        return work();
      },
    });
    const bytes = new Uint8Array(await readFile(photo("chelsea.png")));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    const request = () =>
      new Request("http://here/encode", {
        method: "POST",
        headers: { "content-type": "image/png" },
        body,
        duplex: "half",
      } as RequestInit);
    expect((await encode(request())).status).toBe(200);
    expect(order).toEqual(["read"]);
    const stopped = encode(
      new Request("http://here/encode", {
        method: "POST",
        headers: { "content-type": "image/png" },
        body: bytes,
      }),
      { signal: AbortSignal.abort() },
    );
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    await expect(decode(new Request("http://here/decode", { method: "POST" }))).rejects.toMatchObject({
      code: "UNSUPPORTED_FORMAT",
    });
  });
});

describe("a half with a fallback", () => {
  const failing = (name: string, state: { fails: boolean }) => ({
    name,
    open: async () => ({
      ...segmenter.placement,
      encoder: {
        ...segmenter.placement.encoder,
        dispose: async () => undefined,
        encode: async (...args: Parameters<typeof segmenter.placement.encoder.encode>) => {
          if (state.fails) throw new MaskeryError("UPSTREAM_FAILED", `${name} is gone`);
          return segmenter.placement.encoder.encode(...args);
        },
      },
      decoder: { ...segmenter.placement.decoder, dispose: async () => undefined },
    }),
  });

  test("regression: its report does not call a place taken that failed since, while nobody stands in", async () => {
    const [one, other] = [{ fails: false }, { fails: true }];
    const placement = await firstWorking([failing("one", one), failing("other", other)], { retryAfterMs: 0 });
    await placement.encoder.encode(picture);
    expect(placement.encoder.deviceReport).toMatchObject({ taken: "one" });
    one.fails = true;
    await expect(placement.encoder.encode(picture)).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
    expect(placement.encoder.deviceReport).toMatchObject({
      taken: "",
      trials: [
        { device: "one", outcome: "failed", reason: "UPSTREAM_FAILED: one is gone" },
        { device: "other", outcome: "failed" },
      ],
    });
    one.fails = false;
    await placement.encoder.encode(picture);
    expect(placement.encoder.deviceReport).toMatchObject({ taken: "one" });
    await Promise.all([placement.encoder.dispose(), placement.decoder.dispose()]);
  });

  test("tells where its work goes on, once for each move, and what a listener throws is ignored", async () => {
    const moves: string[] = [];
    const moving = await createSegmenter({
      device: "cpu",
      remote: {
        encoder: { url: `${server.url}?key=s3cret`, ...quick },
        fallback: true,
        retryAfterMs: 0,
        onMove(half, { taken, trials }) {
          moves.push(`${half}: ${taken}`);
          expect(JSON.stringify(trials)).not.toContain("s3cret");
          throw new Error("a listener's own trouble");
        },
      },
      ...uncached,
    });
    await moving.segment(picture, click);
    await moving.segment(picture, click);
    server.misbehave("encode", (_, response) => void response.writeHead(503).end());
    await moving.segment(picture, click);
    await moving.segment(picture, click);
    const there = `encoder: ${server.url}`;
    expect(moves).toEqual([there, `encoder: ${FALLBACK_HERE}`, there]);
    await moving.dispose();
  });

  test("goes on here when a server is silent, as soon as its attempts are over", async () => {
    const patient = await createSegmenter({
      device: "cpu",
      remote: {
        encoder: { url: server.url, timeoutMs: 500, retries: 1 },
        fallback: true,
        retryAfterMs: 3_600_000,
      },
      ...uncached,
    });
    const silent = () => undefined;
    server.misbehave("encode", silent, silent);
    const expected = (await segmenter.segment(picture, click)).best;
    expect((await patient.segment(picture, click)).best.iou(expected)).toBe(1);
    expect(patient.deviceReport.encoder).toMatchObject({
      taken: FALLBACK_HERE,
      trials: [{ reason: expect.stringMatching(/^TIMEOUT: /) }, {}],
    });
    // While the server rests it is not asked.
    const asked = server.requests.length;
    expect((await patient.segment(picture, click)).best.iou(expected)).toBe(1);
    expect(server.requests).toHaveLength(asked);
    await patient.dispose();
  });

  test("says MODEL_UNAVAILABLE where this machine cannot stand in, whatever it lacks", async () => {
    const folder = await mkdtemp(join(tmpdir(), "maskery-half-"));
    try {
      const { folder: whole } = await findModel("nano");
      await cp(whole, folder, {
        recursive: true,
        filter: (path) => !/(?:encoder\.onnx|train)$/.test(path),
      });
      const half = await createSegmenter({
        model: folder,
        device: "cpu",
        remote: { encoder: { url: server.url, ...quick }, fallback: true, retryAfterMs: 0 },
        ...uncached,
      });
      const { best } = await half.segment(picture, click);
      server.misbehave("encode", (_, response) => void response.writeHead(503).end());
      const refused = half.segment(picture, click);
      await expect(refused).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
      await expect(refused).rejects.toThrow(/^This machine cannot stand in: .*encoder\.onnx/);
      expect((await half.segment(picture, click)).best.iou(best)).toBe(1);
      await half.dispose();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
