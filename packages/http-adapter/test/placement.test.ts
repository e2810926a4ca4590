import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import {
  createSegmentationApi,
  remoteEncoderStatus,
  type SegmentationApi,
  type SegmentationApiOptions,
} from "@maskery/http-adapter";
import {
  createNodePlatform,
  createSegmenter,
  placementHealth,
  type RgbaImage,
  remoteEncoder,
  remotePlacement,
  Segmenter,
} from "@maskery/node";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Caller } from "./support/caller.js";
import { startGateway } from "./support/gateway.js";
import { mounts, type RunningHost } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const platform = createNodePlatform();
const click = { points: [{ x: 120, y: 80, label: 1 as const }] };
const quick = { retries: 0, timeoutMs: 60_000 };

let watched: WatchedSegmenter;
let png: Uint8Array<ArrayBuffer>;
let picture: RgbaImage;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  png = new Uint8Array(await photo(240, 160, "png"));
  picture = await platform.codec.decode(png);
});
afterAll(() => watched.segmenter.dispose());

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  watched.gate = undefined;
  watched.failure = undefined;
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server whose model is the watched one. */
async function serve(
  options: Partial<SegmentationApiOptions> = {},
  name: keyof typeof mounts = "node",
  at = "",
): Promise<{ api: SegmentationApi; host: RunningHost; caller: Caller }> {
  const api = createSegmentationApi({ segmenter: watched.segmenter, placement: true, ...options });
  const host = await mounts[name]!(api, at);
  closers.push(async () => {
    await host.close();
    await api.close();
  });
  return { api, host, caller: new Caller(host.url, api) };
}

const encode = (caller: Caller, body: Uint8Array<ArrayBuffer> = png, headers: Record<string, string> = {}) =>
  caller.fetch("POST", "/placement/encode", { body, headers: { "content-type": "image/png", ...headers } });

for (const name of Object.keys(mounts)) {
  describe(`a placement through ${name}`, () => {
    it("encodes for another machine, whose masks are those of its own model", async () => {
      const { host } = await serve({}, name, "/vision");
      const runs = watched.runs.encodes;
      const there = await createSegmenter({
        device: "cpu",
        remote: { encoder: { url: `${host.url}/placement`, ...quick } },
      });
      closers.push(() => there.dispose());
      const here = await createSegmenter({ device: "cpu" });
      closers.push(() => here.dispose());
      const expected = (await here.segment(picture, click)).best;
      expect(expected.area).toBeGreaterThan(500);
      expect((await there.segment(picture, click)).best.iou(expected)).toBe(1);
      expect(watched.runs.encodes).toBe(runs + 1);
      expect(there.device).toMatch(/ at 127\.0\.0\.1:\d+ \+ cpu$/);
    });

    it("answers both halves, and pixels without packing", async () => {
      const { host } = await serve({}, name);
      const url = `${host.url}/placement`;
      const placement = await remotePlacement({ url, pictureFormat: "pixels", ...quick }, platform);
      const there = new Segmenter(placement, platform);
      closers.push(() => there.dispose());
      const expected = (await watched.segmenter.segment(picture, click)).best;
      expect((await there.segment(picture, click)).best.iou(expected)).toBe(1);
    });
  });
}

describe("the routes of a placement", () => {
  it("are not there unless they are asked for", async () => {
    const { api, host } = await serve({ placement: false });
    for (const path of ["health", "encode", "decode"]) expect(api.handles(`/placement/${path}`)).toBe(false);
    expect((await fetch(`${host.url}/placement/health`)).status).toBe(404);
    expect(Object.keys(api.openapi.paths!).filter((path) => path.includes("placement"))).toEqual([]);
    expect(() =>
      createSegmentationApi({ segmenter: watched.segmenter, placement: { prefix: "gpu" } }),
    ).toThrow("placement.prefix");
  });

  it("stand in a valid OpenAPI document, and answer as it says", async () => {
    const { api, caller } = await serve();
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(api.openapi)));
    expect([valid, errors]).toEqual([true, undefined]);
    const operations = caller.answers.operations.filter((operation) => operation.includes("placement"));
    expect(operations).toEqual(["GET /placement/health", "POST /placement/encode", "POST /placement/decode"]);
    expect(api.openapi.paths!["/placement/encode"]!.post).toMatchObject({
      requestBody: { required: true, content: { "application/vnd.maskery.pixels": {} } },
      parameters: expect.arrayContaining([expect.objectContaining({ name: "maskery-model", in: "header" })]),
    });
    expect(await caller.getJson("/placement/health")).toMatchObject({
      status: "ok",
      protocol: 1,
      model: "nano",
      modelFingerprint: watched.segmenter.placement.encoder.modelFingerprint,
      encoder: { device: watched.segmenter.placement.encoder.device },
      decoder: { abilities: watched.segmenter.abilities },
    });
    const answer = await encode(caller);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("maskery-embedding")).toMatch(/^[0-9a-f]{64}$/);
    const page = await (await fetch(`${caller.url}/redoc`)).text();
    expect(page).toContain("/placement/encode");
  });

  it("lie where a prefix puts them", async () => {
    const { host, api } = await serve({ placement: { prefix: "/gpu" } });
    expect(await placementHealth({ url: `${host.url}/gpu/placement`, ...quick })).toMatchObject({
      status: "ok",
    });
    expect(api.handles("/placement/health")).toBe(false);
  });

  it("refuse what they do not take, as problems with security headers", async () => {
    const { caller } = await serve({ limits: { maxPixels: 20_000 }, placement: { maxBodyBytes: 400_000 } });
    const refusal = async (answer: Response, status: number, members: object) => {
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(await answer.json()).toMatchObject({ detail: expect.any(String), ...members });
    };
    await refusal(await encode(caller), 413, { code: "IMAGE_TOO_LARGE" });
    await refusal(await encode(caller, new Uint8Array(400_001)), 413, { field: "body" });
    await refusal(await encode(caller, new Uint8Array(100)), 415, { code: "UNSUPPORTED_FORMAT" });
    await refusal(await encode(caller, png, { "content-type": "text/plain" }), 415, {
      field: "content-type",
    });
    await refusal(await encode(caller, png, { "content-encoding": "gzip" }), 415, {
      field: "content-encoding",
    });
    await refusal(await encode(caller, png, { "maskery-protocol": "2" }), 400, { field: "maskery-protocol" });
    await refusal(await encode(caller, png, { "maskery-model": "another" }), 409, {
      field: "modelFingerprint",
    });
    await refusal(await encode(caller, png, { "maskery-precision": "int4" }), 400, {
      field: "maskery-precision",
    });
    const prompts = {
      body: new Uint8Array(20),
      headers: { "content-type": "application/vnd.maskery.prompts" },
    };
    await refusal(await caller.fetch("POST", "/placement/decode", prompts), 400, { field: "prompts" });
    const method = await caller.fetch("GET", "/placement/encode");
    await refusal(method, 405, {});
    expect(method.headers.get("allow")).toBe("POST");
  });

  it("say nothing of their insides when the model fails, and tell the log", async () => {
    const log: unknown[] = [];
    const note = (fields: object) => void log.push(fields);
    const logger = { debug: note, info: note, warn: note, error: note };
    const { caller } = await serve({ logger });
    watched.failure = new Error("cannot open /secret/encoder.onnx");
    const answer = await encode(caller);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret");
    expect(log).toContainEqual(
      expect.objectContaining({ operation: "placementEncode", error: watched.failure }),
    );
  });

  it("answer 503 with Retry-After while there is no model, and health says so at once", async () => {
    const { caller } = await serve({ segmenter: () => Promise.reject(new Error("no weights")), platform });
    for (const answer of [await caller.fetch("GET", "/placement/health"), await encode(caller)]) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ code: "MODEL_UNAVAILABLE" });
    }
    const loading = await serve({ segmenter: () => new Promise(() => {}), platform });
    expect((await loading.caller.fetch("GET", "/placement/health")).status).toBe(503);
  });

  it("bound how much goes on at once: what does not fit the line is refused, and comes again", async () => {
    const { caller, host } = await serve({ placement: { concurrency: { maxRunning: 1, maxWaiting: 1 } } });
    let open = () => {};
    watched.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = encode(caller);
    await expect.poll(() => watched.held).toBe(1);
    // One of two joins the line, the other does not fit; who, is theirs to settle.
    const others = [encode(caller), encode(caller)];
    const refused = await Promise.race(others);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: "OVERLOADED" });
    // Another API of the server is not held up by the line.
    expect(await caller.getJson("/placement/health")).toMatchObject({ status: "ok" });
    const patient = remoteEncoder({ url: `${host.url}/placement`, retries: 10 }, platform);
    open();
    expect((await first).status).toBe(200);
    expect((await Promise.all(others)).map(({ status }) => status).sort()).toEqual([200, 503]);
    const encoder = await patient;
    expect((await encoder.encode(picture)).imageSize).toEqual({ width: 240, height: 160 });
    await encoder.dispose();
  });

  it("stop the work when their time is over, and when the client leaves", async () => {
    const { caller } = await serve({ timeoutsMs: { placementEncode: 300 } });
    watched.gate = new Promise(() => {});
    const stopped = watched.stopped;
    // On a busy machine the time may be over before the encoder has begun: then once more.
    await expect
      .poll(async () => {
        expect((await encode(caller)).status).toBe(504);
        return watched.stopped;
      })
      .toBeGreaterThan(stopped);

    await expect.poll(() => watched.held).toBe(0);
    const before = watched.stopped;
    const patient = await serve();
    const encoder = await remoteEncoder({ url: `${patient.host.url}/placement`, ...quick }, platform);
    const leaving = new AbortController();
    const call = encoder.encode(picture, { signal: leaving.signal });
    await expect.poll(() => watched.held).toBe(1);
    leaving.abort();
    await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    await expect.poll(() => watched.stopped).toBe(before + 1);
    await encoder.dispose();
  });

  it("free the place of a body that does not come, and of a client that leaves in the middle of one", async () => {
    const placement = { concurrency: { maxRunning: 1, maxWaiting: 0 } };
    /** Sends the beginning of a picture; the server has taken the request when it says that it may go on. */
    const begin = async (url: string) => {
      const sending = request(`${url}/placement/encode`, {
        method: "POST",
        headers: {
          "content-type": "image/png",
          "content-length": String(png.length),
          expect: "100-continue",
        },
      });
      sending.on("error", () => undefined);
      sending.flushHeaders();
      await once(sending, "continue");
      sending.write(png.subarray(0, 1000));
      return sending;
    };
    const hasty = await serve({ placement, timeoutsMs: { placementEncode: 500 } });
    const slow = await begin(hasty.host.url);
    const [answer] = (await once(slow, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(504);
    slow.destroy();

    const { caller, host } = await serve({ placement });
    const leaving = await begin(host.url);
    // It holds the only place.
    expect((await encode(caller)).status).toBe(503);
    leaving.destroy();
    await expect.poll(async () => (await encode(caller)).status).toBe(200);
  });

  it("let scripts of other origins read what a remote encoder needs", async () => {
    const { host } = await serve();
    const preflight = await fetch(`${host.url}/placement/encode`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,maskery-model,maskery-protocol",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("maskery-model");
    const answer = await fetch(`${host.url}/placement/health`, {
      headers: { origin: "https://app.example" },
    });
    const exposed = answer.headers.get("access-control-expose-headers")!;
    expect(exposed).toContain("maskery-protocol");
    expect(exposed).toContain("maskery-embedding");
  });
});

describe("a server whose encoder is another server's", () => {
  const painterHealth = async (caller: Caller) =>
    (await caller.getJson("/health")) as Record<string, unknown>;

  /** Masks of one click, asked over HTTP. */
  async function maskArea(caller: Caller, width: number): Promise<number> {
    const bytes = new Uint8Array(await photo(width, 160, "png"));
    const { session_id } = await caller.json(caller.upload("/upload", new Blob([bytes]), "a.png"));
    const { masks } = await caller.postJson("/segment", {
      session_id,
      points: [{ x: 120, y: 80, label: 1 }],
    });
    const best = masks[0] as { area: number };
    return best.area;
  }

  it("tells reachable, gone and back, in health answers and in the log, and goes on working", async () => {
    const log: { level: string; message: string; fields: object }[] = [];
    const at = (level: string) => (fields: object, message: string) =>
      void log.push({ level, message, fields });
    const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
    const api = createSegmentationApi({ segmenter: watched.segmenter, placement: true });
    closers.push(() => api.close());
    const gateway = await startGateway();
    closers.push(() => gateway.close());
    const first = await mounts["node"]!(api, "");
    gateway.lead(first.url);
    const encoder = { url: `${gateway.url}/placement`, ...quick };
    const segmenter = await createSegmenter({
      device: "cpu",
      // Asked again at once: the test waits for nothing.
      remote: { encoder, fallback: true, retryAfterMs: 0 },
    });
    closers.push(() => segmenter.dispose());
    const { caller } = await serve({
      segmenter,
      placement: false,
      remoteStatus: remoteEncoderStatus(encoder),
      logger,
    });
    const expected = await maskArea(caller, 241);
    await expect
      .poll(() => painterHealth(caller))
      .toMatchObject({
        status: "healthy",
        modal_status: { status: "healthy", model: "nano", encoder: "remote" },
      });
    expect(await caller.getJson("/api/segmentation/health")).toMatchObject({
      mode: "automatic",
      device: "cpu (remote) + cpu",
    });

    gateway.lead(undefined);
    await first.close();
    const gone = await painterHealth(caller);
    expect(gone).toMatchObject({
      status: "degraded",
      modal_status: { status: "unhealthy", reason: "UPSTREAM_FAILED", encoder: "local" },
    });
    expect(JSON.stringify(gone)).not.toContain("127.0.0.1");
    await segmenter.clearCache();
    expect(await maskArea(caller, 241)).toBe(expected);
    // This machine stands in: annotation stays automatic.
    expect(await caller.getJson("/api/segmentation/health")).toMatchObject({
      mode: "automatic",
      device: "cpu",
    });

    const again = await mounts["node"]!(api, "");
    closers.push(() => again.close());
    gateway.lead(again.url);
    const runs = watched.runs.encodes;
    await segmenter.clearCache();
    expect(await maskArea(caller, 242)).toBeGreaterThan(0);
    expect(watched.runs.encodes).toBe(runs + 1);
    await expect
      .poll(() => painterHealth(caller))
      .toMatchObject({
        status: "healthy",
        modal_status: { status: "healthy", encoder: "remote" },
      });
    const told = log.filter(({ message }) => message.startsWith("The remote encoder"));
    expect(told.map(({ level, message }) => `${level}: ${message}`).join("\n")).toMatch(
      /info: The remote encoder answers\.\n.*warn: The remote encoder cannot be used\.\ninfo: The remote encoder is back\.$/s,
    );
  });

  it("is not well with another model, without an encoder, or with one that does not answer", async () => {
    const statusOf = async (url: string, options: Partial<SegmentationApiOptions> = {}) => {
      const { caller } = await serve({
        placement: false,
        remoteStatus: remoteEncoderStatus({ url }),
        ...options,
      });
      return (await painterHealth(caller))["modal_status"];
    };
    const { placement } = watched.segmenter;
    const another = { modelFingerprint: "another" };
    const { host } = await serve({
      segmenter: new Segmenter(
        {
          ...placement,
          encoder: { ...placement.encoder, ...another },
          decoder: { ...placement.decoder, ...another },
        },
        platform,
      ),
    });
    const sad = (reason: string) => ({ status: "unhealthy", reason, encoder: "none" });
    expect(await statusOf(`${host.url}/placement`)).toEqual(sad("CONFLICT"));
    expect(await statusOf(`${host.url}/nowhere`)).toEqual(sad("UPSTREAM_FAILED"));
    const loading = await serve({ segmenter: () => new Promise(() => {}), platform });
    expect(await statusOf(`${loading.host.url}/placement`)).toMatchObject({ status: "unhealthy" });
    // Nobody listens there any more.
    const gone = await mounts["node"]!((await serve()).api, "");
    await gone.close();
    expect(await statusOf(gone.url)).toEqual(sad("UPSTREAM_FAILED"));
  });
});
