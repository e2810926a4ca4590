import { readFile } from "node:fs/promises";
import {
  createFolderModelStore,
  createNodePlatform,
  createOnnxRuntime,
  createSegmenter,
  type Embedding,
  findModel,
  firstWorking,
  localDecoder,
  localEncoder,
  MaskeryError,
  type ModelPlacement,
  type ModelSpec,
  type ModelStore,
  placeModelLocally,
  placementHandler,
  type RgbaImage,
  remoteDecoder,
  remoteEncoder,
  remotePlacement,
  Segmenter,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { photo } from "./cli-process.js";
import { type PlacementServer, startPlacementServer } from "./placement-server.js";

const platform = createNodePlatform();
const runtime = createOnnxRuntime();
const click = { points: [{ x: 225, y: 120, label: 1 as const }] };
const quick = { retries: 0, timeoutMs: 20_000 };

let spec: ModelSpec;
let store: ModelStore;
let local: ModelPlacement;
let picture: RgbaImage;
let server: PlacementServer;

beforeAll(async () => {
  const found = await findModel("nano");
  spec = found.spec;
  store = createFolderModelStore(found.folder);
  local = await placeModelLocally(spec, store, runtime, { device: "cpu" });
  picture = await platform.codec.decode(await readFile(photo("chelsea.png")));
});
afterAll(() => runtime.dispose());

beforeEach(async () => {
  server = await startPlacementServer(placementHandler(local, platform));
});
afterEach(() => server.close());

/** The placement stays: a segmenter would dispose the model that all tests share. */
const shared = (placement: ModelPlacement): ModelPlacement => ({
  ...placement,
  encoder: { ...placement.encoder, dispose: async () => undefined },
  decoder: { ...placement.decoder, dispose: async () => undefined },
});

const routes = () => server.requests.map(({ route }) => route);

function largestDifference(one: Embedding, other: Embedding): number {
  let largest = 0;
  for (const [name, tensor] of Object.entries(one.tensors)) {
    const data = other.tensors[name]!.data as Float32Array;
    expect(data.length).toBe(tensor.data.length);
    (tensor.data as Float32Array).forEach((value, index) => {
      largest = Math.max(largest, Math.abs(value - data[index]!));
    });
  }
  return largest;
}

describe("a remote encoder", () => {
  test.each(["png", "pixels"] as const)(
    "gives the embedding of the local one, the picture sent as %s",
    async (pictureFormat) => {
      const encoder = await remoteEncoder({ url: server.url, pictureFormat, ...quick }, platform);
      expect(encoder.modelFingerprint).toBe(local.encoder.modelFingerprint);
      expect(encoder.device).toMatch(/^cpu at 127\.0\.0\.1:\d+$/);
      const [there, here] = [await encoder.encode(picture), await local.encoder.encode(picture)];
      expect(there.fit).toEqual(here.fit);
      expect(largestDifference(there, here)).toBe(0);
      await encoder.dispose();
      await expect(encoder.encode(picture)).rejects.toMatchObject({ code: "DISPOSED" });
    },
  );

  test.each([
    ["float32", 1],
    ["float16", 0.999],
  ] as const)(
    "with a local decoder and %s cuts the masks of an all-local model",
    async (precision, least) => {
      const expected = new Segmenter(shared(local), platform);
      const encoder = await remoteEncoder({ url: server.url, precision, ...quick }, platform);
      const decoder = await localDecoder(spec, store, runtime, { device: "cpu" });
      const mixed = new Segmenter({ model: spec.id, encoder, decoder }, platform);
      for (const [name, prompt] of [
        ["chelsea.png", click],
        ["coffee.png", { box: { x0: 150, y0: 40, x1: 480, y1: 330 } }],
        [
          "astronaut.png",
          {
            points: [
              { x: 220, y: 120 },
              { x: 30, y: 30, label: 0 as const },
            ],
          },
        ],
      ] as const) {
        const there = await mixed.segment(photo(name), prompt);
        const here = await expected.segment(photo(name), prompt);
        expect(here.best.area).toBeGreaterThan(500);
        const iou = there.best.iou(here.best);
        if (process.env["MASKERY_SHOW_FIGURES"]) console.log(precision, name, iou);
        expect(iou, name).toBeGreaterThanOrEqual(least);
      }
      await mixed.dispose();
    },
  );

  test("says that the model is another one, naming both", async () => {
    const other = remoteEncoder({ url: server.url, modelFingerprint: "another|model", ...quick }, platform);
    await expect(other).rejects.toMatchObject({ code: "CONFLICT" });
    await expect(other).rejects.toThrow(`another|model, received ${local.encoder.modelFingerprint}`);

    const encoder = await remoteEncoder({ url: server.url, ...quick }, platform);
    await server.close();
    const changed = {
      ...local,
      encoder: { ...local.encoder, modelFingerprint: "changed" },
      decoder: undefined,
    };
    const { model, encoder: changedEncoder } = changed;
    const later = await startPlacementServer(placementHandler({ model, encoder: changedEncoder }, platform));
    try {
      const asked = await fetch(`${later.url}/encode`, {
        method: "POST",
        headers: {
          "content-type": "image/png",
          "maskery-model": encodeURIComponent(encoder.modelFingerprint),
        },
        body: new Uint8Array(await readFile(photo("chelsea.png"))),
      });
      expect(asked.status).toBe(409);
      expect(asked.headers.get("content-type")).toBe("application/problem+json");
      const problem = (await asked.json()) as { code: string; detail: string };
      expect(problem.code).toBe("CONFLICT");
      expect(problem.detail).toContain("changed, received");
      expect(problem.detail).toContain(encoder.modelFingerprint);
    } finally {
      await later.close();
    }
  });
});

describe("a remote decoder", () => {
  test("answers as the local one: points, box, negative point and an earlier mask", async () => {
    const there = new Segmenter(await remotePlacement({ url: server.url, ...quick }, platform), platform);
    const here = new Segmenter(shared(local), platform);
    const [sessionThere, sessionHere] = [await there.open(picture), await here.open(picture)];
    for (const prompt of [
      click,
      // Starts from the mask before: its logits travel too.
      { points: [...click.points, { x: 20, y: 20, label: 0 as const }] },
      { box: { x0: 60, y0: 10, x1: 400, y1: 290 } },
    ]) {
      const [one, other] = [await sessionThere.segment(prompt), await sessionHere.segment(prompt)];
      expect(one.masks.map(({ score }) => score)).toEqual(other.masks.map(({ score }) => score));
      one.masks.forEach((mask, index) => expect(mask.iou(other.masks[index]!)).toBe(1));
    }
    expect(there.abilities).toEqual(here.abilities);
    // The server kept what it encoded: no prompt carries the embedding.
    const decodes = server.requests.filter(({ route }) => route === "POST decode");
    expect(decodes).toHaveLength(3);
    const { bytes } = await sessionHere.embedding();
    for (const { bodyBytes } of decodes) expect(bodyBytes).toBeLessThan(bytes.length);
    await there.dispose();
  });

  test("sends an embedding once to a server that does not have it, however many prompts ask", async () => {
    const decoder = await remoteDecoder({ url: server.url, ...quick }, platform);
    const embedding = await local.encoder.encode(picture);
    const [expected] = await local.decoder.decode(embedding, [click]);
    const answers = await Promise.all(Array.from({ length: 4 }, () => decoder.decode(embedding, [click])));
    for (const [object] of answers) {
      expect(object!.scores).toEqual(expected!.scores);
      expect(object!.planes.map(({ data }) => data)).toEqual(expected!.planes.map(({ data }) => data));
    }
    const embeddingBytes = Object.values(embedding.tensors).reduce(
      (sum, { data }) => sum + data.byteLength,
      0,
    );
    const carrying = server.requests.filter(({ bodyBytes }) => bodyBytes > embeddingBytes);
    expect(carrying).toHaveLength(1);

    // Another process behind the same address starts empty.
    const asked = server.requests.length;
    await decoder.decode(embedding, [click]);
    expect(server.requests).toHaveLength(asked + 1);
    await decoder.dispose();
  });

  test("works with a server that keeps nothing, and refuses embeddings of other models", async () => {
    const forgetful = await startPlacementServer(
      placementHandler(local, platform, { embeddingCacheBytes: 0 }),
    );
    try {
      const decoder = await remoteDecoder({ url: forgetful.url, precision: "float16", ...quick }, platform);
      const embedding = await local.encoder.encode(picture);
      const [expected] = await local.decoder.decode(embedding, [click]);
      const [object] = await decoder.decode(embedding, [click]);
      expect(Math.abs(object!.scores[0]! - expected!.scores[0]!)).toBeLessThan(0.01);
      const foreign = { ...embedding, modelFingerprint: "another" };
      const refused = decoder.decode(foreign, [click]);
      await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT", field: "embedding" });
      await expect(refused).rejects.toThrow(`${local.decoder.modelFingerprint}, received one of another`);
      await expect(
        decoder.decode(embedding, [{ points: [{ x: 5000, y: 1, label: 1 }] }]),
      ).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "prompts[0].points[0].x",
      });
    } finally {
      await forgetful.close();
    }
  });
});

describe("a server that fails", () => {
  const embeddingOf = async (options: object = {}) => {
    const encoder = await remoteEncoder({ url: server.url, ...quick, ...options }, platform);
    try {
      return await encoder.encode(picture);
    } finally {
      await encoder.dispose();
    }
  };

  test("with 500, 503 and broken connections is asked again until it works", async () => {
    server.misbehave(
      "encode",
      (_, response) => void response.writeHead(500).end("oops"),
      (_, response) => void response.writeHead(503, { "retry-after": "0" }).end(),
      (_, response) => void response.socket!.destroy(),
      (_, response) => {
        response.writeHead(200, { "content-length": "100000", "maskery-protocol": "1" });
        response.write("MSKE", () => response.socket!.destroy());
      },
    );
    const embedding = await embeddingOf({ retries: 4 });
    expect(largestDifference(embedding, await local.encoder.encode(picture))).toBe(0);
    expect(routes().filter((route) => route === "POST encode")).toHaveLength(5);
  });

  test("waits as long as Retry-After says, and gives up where that is too long", async () => {
    let refusedAt = 0;
    let againAt = 0;
    server.misbehave(
      "encode",
      (_, response) => {
        refusedAt = performance.now();
        response.writeHead(429, { "retry-after": "1" }).end();
      },
      async (_request, _response, serve) => {
        againAt = performance.now();
        await serve();
      },
    );
    await embeddingOf({ retries: 1 });
    expect(againAt - refusedAt).toBeGreaterThanOrEqual(990);

    server.misbehave(
      "encode",
      (_, response) => void response.writeHead(429, { "retry-after": "3600" }).end(),
    );
    const asked = server.requests.length;
    await expect(embeddingOf({ retries: 3 })).rejects.toMatchObject({ code: "RATE_LIMITED" });
    // Health and one attempt.
    expect(server.requests).toHaveLength(asked + 2);
  });

  test.each([
    [401, "UNAUTHORIZED"],
    [403, "FORBIDDEN"],
    [404, "UPSTREAM_FAILED"],
    [413, "IMAGE_TOO_LARGE"],
    [429, "RATE_LIMITED"],
    [500, "UPSTREAM_FAILED"],
    [503, "MODEL_UNAVAILABLE"],
    [504, "TIMEOUT"],
  ])("with %i is %s", async (status, code) => {
    server.misbehave("encode", (_, response) => void response.writeHead(status).end());
    await expect(embeddingOf()).rejects.toMatchObject({ code });
  });

  test("in the answer's content is told from a good one: truncated, changed, no placement, redirected", async () => {
    const encoder = await remoteEncoder({ url: server.url, ...quick }, platform);
    const good = await fetch(`${server.url}/encode`, {
      method: "POST",
      headers: { "content-type": "image/png" },
      body: new Uint8Array(await readFile(photo("chelsea.png"))),
    });
    const bytes = new Uint8Array(await good.arrayBuffer());
    const answer = (body: Uint8Array, version = "1") =>
      server.misbehave(
        "encode",
        (_, response) => void response.writeHead(200, { "maskery-protocol": version }).end(body),
      );
    answer(bytes.subarray(0, bytes.length - 1000));
    await expect(encoder.encode(picture)).rejects.toThrow(/UPSTREAM|cannot be read.*hash|cut short/);
    const flipped = bytes.slice();
    flipped[flipped.length - 100]! ^= 1;
    answer(flipped);
    await expect(encoder.encode(picture)).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
    answer(bytes, "2");
    await expect(encoder.encode(picture)).rejects.toThrow(/speaks version 1, received version 2/);
    const asked = server.requests.length;
    server.misbehave("encode", (_, response) => void response.writeHead(307, { location: server.url }).end());
    await expect(encoder.encode(picture)).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
    expect(server.requests).toHaveLength(asked + 1);
    await encoder.encode(picture);
    await encoder.dispose();
  });

  test("by silence times out; a caller's signal and dispose end the call at once", async () => {
    const silent = () => undefined;
    server.misbehave("encode", silent, silent, silent, silent);
    const late = await remoteEncoder({ url: server.url, retries: 1, timeoutMs: 300 }, platform);
    await expect(late.encode(picture)).rejects.toMatchObject({ code: "TIMEOUT" });
    expect(routes().filter((route) => route === "POST encode")).toHaveLength(2);

    const encoder = await remoteEncoder({ url: server.url, ...quick }, platform);
    const controller = new AbortController();
    const aborted = encoder.encode(picture, { signal: controller.signal });
    setTimeout(() => controller.abort(), 100);
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    const under = encoder.encode(picture);
    setTimeout(() => void encoder.dispose(), 100);
    await expect(under).rejects.toMatchObject({ code: "DISPOSED" });
  });

  test("by ending in the middle of a call is UPSTREAM_FAILED", async () => {
    server.misbehave("encode", () => void server.close());
    await expect(embeddingOf({ retries: 1 })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  });

  test("a client that leaves stops the work of the server", async () => {
    let seen: AbortSignal | undefined;
    let left: Promise<void> | undefined;
    const waiting: ModelPlacement["encoder"] = {
      ...local.encoder,
      encode: (_image, options) =>
        new Promise((_, reject) => {
          seen = options!.signal;
          left = new Promise((resolve) =>
            seen!.addEventListener("abort", () => {
              reject(new MaskeryError("ABORTED", "gone"));
              resolve();
            }),
          );
        }),
    };
    const other = await startPlacementServer(placementHandler({ model: "nano", encoder: waiting }, platform));
    try {
      const encoder = await remoteEncoder({ url: other.url, ...quick }, platform);
      const controller = new AbortController();
      const call = encoder.encode(picture, { signal: controller.signal });
      while (!seen) await new Promise((resolve) => setTimeout(resolve, 10));
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: "ABORTED" });
      await left;
      expect(seen.aborted).toBe(true);
    } finally {
      await other.close();
    }
  });
});

describe("the handler itself", () => {
  const ask = (path: string, init?: RequestInit) =>
    placementHandler(local, platform, { limits: { maxBytes: 100_000, maxPixels: 1_000 } })(
      new Request(`http://placement/anywhere/${path}`, init),
    );

  test("answers health, unknown paths and other methods", async () => {
    const health = await ask("health");
    expect(await health.json()).toMatchObject({
      status: "ok",
      protocol: 1,
      model: "nano",
      modelFingerprint: local.encoder.modelFingerprint,
      decoder: { abilities: local.decoder.abilities },
    });
    expect((await ask("other")).status).toBe(404);
    const wrong = await ask("encode");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("bounds bodies and pixels, and reads only what it knows", async () => {
    const send = (type: string, body: Uint8Array) =>
      ask("encode", { method: "POST", headers: { "content-type": type }, body: new Uint8Array(body) });
    expect((await send("image/png", new Uint8Array(200_000))).status).toBe(413);
    expect((await send("image/png", await platform.codec.encode(picture, { format: "jpeg" }))).status).toBe(
      413,
    );
    expect((await send("text/plain", new Uint8Array(9))).status).toBe(415);
    const broken = await send("application/vnd.maskery.pixels", new Uint8Array(9));
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ code: "INVALID_INPUT", field: "image" });
  });

  test("says nothing about its insides", async () => {
    const encoder = { ...local.encoder, encode: () => Promise.reject(new Error("/secret/path")) };
    const handler = placementHandler({ model: "nano", encoder }, platform);
    const body = await platform.codec.encode(picture, { format: "png" });
    const answer = await handler(
      new Request("http://placement/encode", {
        method: "POST",
        headers: { "content-type": "image/png" },
        body: new Uint8Array(body),
      }),
    );
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("secret");
  });
});

describe("the first placement that works", () => {
  const remoteFirst = (retryAfterMs: number) =>
    firstWorking(
      [
        {
          name: "the server",
          open: (call) => remotePlacement({ url: server.url, ...quick, ...call }, platform),
        },
        { name: "this machine", open: async () => shared(local) },
      ],
      { retryAfterMs },
    );

  test("is the preferred one, then the next with a reason, then the preferred one again", async () => {
    const segmenter = new Segmenter(await remoteFirst(3_600_000), platform, {
      embeddingCache: { maxBytes: 0 },
      resultCache: { maxBytes: 0 },
    });
    const expected = (await segmenter.segment(picture, click)).best;
    expect(segmenter.device).toMatch(/at 127/);
    const busy = (_: unknown, response: { writeHead(status: number): { end(): void } }) =>
      response.writeHead(503).end();
    server.misbehave("encode", busy);
    const fallen = await segmenter.segment(picture, click);
    expect(fallen.best.iou(expected)).toBe(1);
    expect(segmenter.deviceReport.encoder).toMatchObject({
      wanted: "the server",
      taken: "this machine",
      trials: [
        {
          device: "the server",
          outcome: "failed",
          reason: expect.stringMatching(/^MODEL_UNAVAILABLE: .*503/),
        },
        { device: "this machine", outcome: "taken" },
      ],
    });
    const encodes = () => routes().filter((route) => route === "POST encode").length;
    const before = encodes();
    await segmenter.segment(picture, click);
    expect(encodes()).toBe(before);
    const now = performance.now.bind(performance);
    const later = vi.spyOn(performance, "now").mockImplementation(() => now() + 3_600_001);
    await segmenter.segment(picture, click).finally(() => later.mockRestore());
    expect(encodes()).toBe(before + 1);
    expect(segmenter.deviceReport.encoder!.taken).toBe("the server");
    await segmenter.dispose();
  });

  test("is the second one where the first cannot even be opened, and none is an error", async () => {
    await server.close();
    const placement = await remoteFirst(30_000);
    expect(placement.model).toBe("nano");
    expect(placement.encoder.device).toBe("cpu");
    expect(placement.encoder.deviceReport!.trials[0]).toMatchObject({ outcome: "failed" });
    await placement.encoder.encode(picture);
    await placement.encoder.dispose();
    await placement.decoder.dispose();
    await expect(
      firstWorking([{ name: "gone", open: () => remotePlacement({ url: server.url, ...quick }, platform) }]),
    ).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
  });

  test("does not fall for another model, and not for a wrong question or an abort", async () => {
    const other = shared(local);
    const foreign = {
      ...other,
      encoder: { ...other.encoder, modelFingerprint: "another" },
      decoder: { ...other.decoder, modelFingerprint: "another" },
    };
    const placement = await firstWorking([
      {
        name: "the server",
        open: (call) => remotePlacement({ url: server.url, ...quick, ...call }, platform),
      },
      { name: "another model", open: async () => foreign },
    ]);
    server.misbehave("encode", (_, response) => void response.writeHead(503).end());
    await expect(placement.encoder.encode(picture)).rejects.toMatchObject({ code: "CONFLICT" });
    const embedding = await placement.encoder.encode(picture);
    await expect(
      placement.decoder.decode(embedding, [{ points: [{ x: 9999, y: 0, label: 1 }] }]),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(placement.encoder.encode(picture, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "ABORTED",
    });
    await placement.encoder.dispose();
    await placement.decoder.dispose();
  });
});

describe("options", () => {
  test.each([
    [{ url: "ftp://here" }, "remote.encoder.url"],
    [{ url: "no address" }, "remote.encoder.url"],
    [{ url: "http://user:secret@here" }, "remote.encoder.url"],
    [{ url: "http://here", timeoutMs: 0 }, "remote.encoder.timeoutMs"],
    [{ url: "http://here", retries: 1.5 }, "remote.encoder.retries"],
    [{ url: "http://here", precision: "float8" as never }, "remote.encoder.precision"],
  ])("%o are refused", async (options, field) => {
    const refused = remoteEncoder(options, platform);
    await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT", field });
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  test("a local half needs its layout stated", async () => {
    const { layout: _, ...unstated } = spec;
    await expect(localEncoder(unstated, store, runtime)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "model.layout",
    });
  });
});

describe("createSegmenter with remote halves", () => {
  const uncached = { embeddingCache: { maxBytes: 0 }, resultCache: { maxBytes: 0 } };

  test("encodes there and decodes here, or does both there", async () => {
    const expected = new Segmenter(shared(local), platform);
    const here = (await expected.segment(picture, click)).best;
    const mixed = await createSegmenter({ device: "cpu", remote: { encoder: server.url } });
    expect(mixed.device).toMatch(/^cpu at 127.* \+ cpu$/);
    expect((await mixed.segment(picture, click)).best.iou(here)).toBe(1);
    expect(routes()).toEqual(["GET health", "POST encode"]);
    await mixed.dispose();

    const there = await createSegmenter({
      remote: { encoder: server.url, decoder: { url: server.url, ...quick } },
    });
    expect(there.model).toBe("nano");
    expect((await there.segment(picture, click)).best.iou(here)).toBe(1);
    await there.dispose();
  });

  test("falls back to this machine, and says why; refuses another model", async () => {
    const segmenter = await createSegmenter({
      device: "cpu",
      remote: {
        encoder: { url: server.url, ...quick },
        decoder: { url: server.url, ...quick },
        fallback: true,
      },
      ...uncached,
    });
    const before = (await segmenter.segment(picture, click)).best;
    await server.close();
    expect((await segmenter.segment(picture, click)).best.iou(before)).toBe(1);
    expect(segmenter.device).toBe("cpu");
    expect(segmenter.deviceReport.encoder!.trials[0]!.reason).toMatch(/^UPSTREAM_FAILED: /);
    expect(segmenter.deviceReport.decoder!.taken).toBe("here");
    await segmenter.dispose();

    const changed = { ...local.encoder, modelFingerprint: "changed" };
    const other = await startPlacementServer(placementHandler({ model: "nano", encoder: changed }, platform));
    try {
      await expect(createSegmenter({ remote: { encoder: other.url } })).rejects.toMatchObject({
        code: "CONFLICT",
      });
      await expect(createSegmenter({ remote: {} })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "remote",
      });
    } finally {
      await other.close();
    }
  });
});
