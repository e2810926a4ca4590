import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createSegmentationClient, type SegmentationClient } from "@maskery/http-adapter/client";
import { createSegmenter, MaskeryError, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mounts, type RunningHost } from "./support/mounts.js";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

let segmenter: Segmenter;
let api: SegmentationApi;
let host: RunningHost;
let client: SegmentationClient;
let picture: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  picture = new Uint8Array(await readFile(photo));
  segmenter = await createSegmenter();
  api = createSegmentationApi({ segmenter, apis: { painter: { prefix: "/painter" } } });
  host = await mounts["node"]!(api, "/vision");
  client = createSegmentationClient({ baseUrl: host.url, prefixes: { painter: "/painter" } });
});
afterAll(async () => {
  await host.close();
  await api.close();
  await segmenter.dispose();
});

const failure = (work: Promise<unknown>): Promise<MaskeryError> =>
  work.then(
    () => expect.fail("expected a failure"),
    (error: unknown) => {
      expect(MaskeryError.is(error), String(error)).toBe(true);
      return error as MaskeryError;
    },
  );

describe("the client", () => {
  it("goes the whole way of the demo, with progress", async () => {
    const percents: number[] = [];
    const results = await client.demo.segment(picture, {
      filename: "cup.png",
      pollEveryMs: 50,
      onProgress: ({ percent }) => percents.push(percent),
    });
    expect(results.segments.length).toBeGreaterThan(0);
    expect(results.segments[0]!.area).toBeGreaterThan(100);
    expect(percents).toEqual([...percents].sort((first, second) => first - second));
    expect(percents.at(-1)).toBe(100);
    expect((await fetch(results.output_image_url)).headers.get("content-type")).toBe("image/jpeg");
  });

  it("uploads a Blob, bytes and a stream alike", async () => {
    const stream = new Blob([picture]).stream() as ReadableStream<Uint8Array>;
    const uploads = await Promise.all([
      client.painter.upload(new File([picture], "cup.png")),
      client.painter.upload(picture, { filename: "cup.png" }),
      client.painter.upload(stream, { filename: "cup.png" }),
    ]);
    expect(new Set(uploads.map(({ image_hash }) => image_hash)).size).toBe(1);
    for (const { filename, width, height } of uploads)
      expect({ filename, width, height }).toEqual({ filename: "cup.png", width: 600, height: 400 });
  });

  it("segments, paints and fetches the file", async () => {
    const { painter } = client;
    const { session_id } = await painter.upload(picture);
    const { masks } = await painter.segment({ session_id, points: [{ x: 300, y: 180 }] });
    const file = await painter.downloadPaintedImage({
      session_id,
      mask_id: masks[0]!.mask_id,
      color: "#FF0000",
      format: "JPG",
    });
    const blob = await painter.fetchFile(file.filename);
    expect([blob.size, blob.type]).toEqual([file.size_bytes, "image/jpeg"]);
    expect((await fetch(painter.fileUrl(file.image_url))).status).toBe(200);
    expect((await painter.health()).status).toBe("healthy");
    expect((await painter.deleteSession(session_id)).message).toBe("Session deleted");
    expect((await failure(painter.session(session_id))).code).toBe("NOT_FOUND");
  });

  it("segments a slice", async () => {
    const answer = await client.clinical.segment({
      image_data: Buffer.from(picture).toString("base64"),
      image_type: "L3",
      patient_id: "p-1",
    });
    expect(answer.confidence_score).toBeGreaterThan(0);
    expect((await client.clinical.health()).mode).toBe("automatic");
  });
});

describe("failures reach the caller as MaskeryError", () => {
  it("with the server's code and field", async () => {
    const { session_id } = await client.painter.upload(picture);
    const error = await failure(client.painter.segment({ session_id, points: [{ x: 99_999, y: 1 }] }));
    expect(error.code).toBe("INVALID_INPUT");
    expect(error.field).toContain("x");
    expect((await failure(client.painter.upload(new TextEncoder().encode("no picture")))).code).toBe(
      "UNSUPPORTED_FORMAT",
    );
  });

  it("when nobody listens, when the caller aborts, when time is over", async () => {
    const nobody = createSegmentationClient({ baseUrl: "http://127.0.0.1:1" });
    expect((await failure(nobody.painter.health())).code).toBe("UPSTREAM_FAILED");
    expect((await failure(client.painter.health({ signal: AbortSignal.abort() }))).code).toBe("ABORTED");

    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const slow = createSegmentationClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: 50 });
    expect((await failure(slow.painter.health())).code).toBe("TIMEOUT");
    expect((await failure(slow.demo.waitForResults("x", { timeoutMs: 40 }))).code).toBe("TIMEOUT");
    silent.closeAllConnections();
    silent.close();
  });

  it("when a proxy answers in its own words", async () => {
    const proxy = (status: number, body: string, type: string) =>
      createSegmentationClient({
        baseUrl: "http://localhost",
        fetch: async () => new Response(body, { status, headers: { "content-type": type } }),
      }).painter.health();
    expect((await failure(proxy(502, "<h1>Bad gateway</h1>", "text/html"))).code).toBe("UPSTREAM_FAILED");
    expect((await failure(proxy(413, "", "text/plain"))).code).toBe("IMAGE_TOO_LARGE");
    expect((await failure(proxy(200, "<html>", "text/html"))).code).toBe("UPSTREAM_FAILED");
    expect((await failure(proxy(429, '{"code":"made up"}', "application/json"))).code).toBe("RATE_LIMITED");
  });

  it("when the base address is none", () => {
    expect(() => createSegmentationClient({ baseUrl: "localhost" })).toThrow(/baseUrl/);
    expect(() => createSegmentationClient({ baseUrl: "ftp://localhost" })).toThrow(/baseUrl/);
  });
});

describe("the built client", () => {
  it("imports nothing of Node", async () => {
    const built = await readFile(new URL("../dist/client.js", import.meta.url), "utf8");
    const imported = [...built.matchAll(/\bfrom\s*"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g)].map(
      ([, first, second]) => first ?? second,
    );
    expect(new Set(imported)).toEqual(new Set(["@maskery/core"]));
    expect(built).not.toMatch(/\b(?:process|Buffer|require|__dirname)\b\s*[.(]/);
  });
});
