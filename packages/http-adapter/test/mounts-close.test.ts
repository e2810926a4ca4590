import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore, createFileSessionStore } from "@maskery/http-adapter";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { serveApi } from "./support/api-server.js";
import { listenersOf, openFiles, openHandles, watchTimers } from "./support/held-resources.js";
import { mounts } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { formStart, PlainClient } from "./support/plain-client.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const maxFileBytes = 300_000;

let watched: WatchedSegmenter;
let picture: Uint8Array;
/** Not seen by the model before. */
let other: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  picture = await photo(64, 48);
  other = await photo(66, 50);
  // What is loaded once and stays: the model's threads, the codec, the pages of the documentation.
  const folder = await mkdtemp(join(tmpdir(), "maskery-close-"));
  await serveAndClose("node", folder);
  await rm(folder, { recursive: true });
});
afterAll(() => watched.segmenter.dispose());

/** As `expect.poll`, which is for tests alone. */
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitFor(async () => expect(await condition()).toBe(true), { timeout: 60_000 });

const text = (body: Buffer) => JSON.parse(body.toString("utf8"));

/** Every kind of request once: good, bad, streamed, refused early, given up. */
async function traffic(client: PlainClient, isIdle: () => boolean): Promise<void> {
  const uploaded = await client.upload("/upload", picture);
  expect(uploaded.status, uploaded.body.toString()).toBe(200);
  const { session_id } = text(uploaded.body);
  const points = [{ x: 5, y: 5, label: 1 }];
  expect((await client.post("/segment", { session_id, points })).status).toBe(200);
  const download = text((await client.post("/download-image", { session_id })).body);
  expect((await client.send("GET", `/download-file/${download.filename}`)).status).toBe(200);
  expect((await client.send("HEAD", `/download-file/${download.filename}`)).status).toBe(200);
  expect((await client.send("GET", "/health")).status).toBe(200);
  expect((await client.send("GET", "/docs")).status).toBe(200);
  expect((await client.send("GET", "/session/unknown")).status).toBe(404);
  expect((await client.send("DELETE", "/health")).status).toBe(405);
  expect((await client.post("/segment", { session_id })).status).toBe(400);
  expect((await client.upload("/upload", new Uint8Array(maxFileBytes * 2))).status).toBe(413);
  expect((await client.upload("/upload", Buffer.from("no picture"))).status).toBe(415);
  const start = Buffer.concat([Buffer.from(formStart), picture]);
  const half = client.begin("/upload", 200_000, start);
  await until(() => !isIdle());
  half.leave();
  await until(isIdle);
  // A task whose work is done, with its description and its drawn picture.
  const demo = text((await client.post("/api/demo-sessions", { demo_type: "image_segmentation" })).body);
  await client.upload(`/api/sessions/${demo.session_id}/upload`, picture);
  expect((await client.post("/api/image-segmentation", demo)).status).toBe(200);
  await until(async () => {
    const status = await client.send("GET", `/api/sessions/${demo.session_id}/status`);
    return text(status.body).status === "completed";
  });
}

/** Serves traffic, and closes while requests and a task are under way. */
async function serveAndClose(mount: string, folder: string) {
  const { api, host, calls } = await serveApi(
    watched,
    {
      apis: { demo: { pointsPerSide: 4, processingTimeoutMs: 110_000 } },
      limits: { maxFileBytes },
      stores: {
        sessions: createFileSessionStore({ directory: join(folder, "sessions") }),
        uploads: createFileObjectStore({ directory: join(folder, "uploads") }),
        results: createFileObjectStore({ directory: join(folder, "results") }),
      },
    },
    mount,
    "/vision",
  );
  const serverListeners = listenersOf(host.server);
  const atBegin: object[] = [];
  const ended: (readonly [IncomingMessage, ServerResponse])[] = [];
  const look = (request: IncomingMessage, response: ServerResponse) => {
    atBegin.push(listenersOf(request.socket));
    response.once("close", () => ended.push([request, response]));
  };
  host.server.prependListener("request", look);
  const client = new PlainClient(host.url);
  await traffic(client, () => calls.underWay() === 0);
  const { session_id } = text((await client.upload("/upload", other)).body);
  // Requests that begin when all before them are wholly over; the very first one is such, too.
  const calm = atBegin.slice(0, 1);
  for (let round = 0; round < 5; round++) {
    await until(() => ended.length === atBegin.length);
    expect((await client.send("GET", round % 2 === 0 ? "/health" : "/session/unknown")).status).toBeLessThan(
      500,
    );
    calm.push(atBegin.at(-1)!);
  }

  // A request and a task are in the model when everything stops; another task waits for its place.
  watched.gate = new Promise(() => {});
  const { stopped } = watched;
  const begin = async (size: readonly [number, number]) => {
    const demo = text((await client.post("/api/demo-sessions", { demo_type: "image_segmentation" })).body);
    await client.upload(`/api/sessions/${demo.session_id}/upload`, await photo(...size));
    expect((await client.post("/api/image-segmentation", demo)).status).toBe(200);
  };
  await begin([68, 50]);
  await until(() => watched.held === 1);
  const waiting = new PlainClient(host.url);
  const underWay = waiting.post("/get-embedding", { session_id });
  await until(() => watched.held === 2);
  await begin([70, 50]);
  await Promise.all([api.close(), api.close()]);
  const answer = await underWay;
  expect([answer.status, text(answer.body)]).toEqual([503, expect.objectContaining({ code: "DISPOSED" })]);
  await until(() => watched.held === 0);
  expect(watched.stopped).toBe(stopped + 2);
  expect((await client.send("GET", "/health")).status).toBe(503);
  watched.gate = undefined;
  client.close();
  waiting.close();
  await host.close();
  host.server.off("request", look);
  return { host, serverListeners, calm, ended };
}

for (const mount of Object.keys(mounts)) {
  describe(`close() after real traffic through ${mount}`, () => {
    it("leaves no handle, no timer, no open file and no listener behind", async () => {
      const folder = await mkdtemp(join(tmpdir(), "maskery-close-"));
      const before = { handles: openHandles(), process: listenersOf(process) };
      const globals = [globalThis.Request, globalThis.Response, globalThis.fetch, globalThis.Headers];
      const timers = watchTimers();
      try {
        const { host, serverListeners, calm, ended } = await serveAndClose(mount, folder);
        await expect
          .poll(async () => ({
            handles: openHandles(),
            process: listenersOf(process),
            files: await openFiles(folder),
          }))
          .toEqual({ ...before, files: [] });
        await expect.poll(timers.pending).toEqual([]);
        expect(await new Promise((resolve) => host.server.getConnections((_, count) => resolve(count)))).toBe(
          0,
        );
        expect(listenersOf(host.server)).toEqual(serverListeners);
        // Kept alive, a connection has no more listeners at its last request than at its first.
        for (const counts of calm) expect(counts).toEqual(calm[0]);
        // Requests and responses that are over are garbage; Node itself leaves one listener of a kind on them.
        for (const pair of ended)
          for (const emitter of pair)
            for (const [event, count] of Object.entries(listenersOf(emitter)))
              expect(count, event).toBeLessThanOrEqual(1);
        expect([globalThis.Request, globalThis.Response, globalThis.fetch, globalThis.Headers]).toEqual(
          globals,
        );
      } finally {
        timers.stop();
        await rm(folder, { recursive: true });
      }
    });
  });
}
