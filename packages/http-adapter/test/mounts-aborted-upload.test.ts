import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore } from "@maskery/http-adapter";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import { openFiles, openHandles } from "./support/held-resources.js";
import { mounts } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { formStart, PlainClient } from "./support/plain-client.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

let watched: WatchedSegmenter;
let picture: Uint8Array;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  picture = await photo(64, 48);
});
afterEach(() => {
  watched.gate = undefined;
});
afterAll(() => watched.segmenter.dispose());

/** Where in its upload a client leaves, and whether the server has begun a file by then. */
const moments: Readonly<Record<string, { readonly sent: () => Uint8Array; readonly begunFile: boolean }>> = {
  "before its first byte": { sent: () => Buffer.from("-"), begunFile: false },
  "in the form's head": { sent: () => Buffer.from(formStart.slice(0, 40)), begunFile: false },
  "before the picture": { sent: () => Buffer.from(formStart), begunFile: false },
  "in the picture": {
    sent: () => Buffer.concat([Buffer.from(formStart), picture, Buffer.alloc(1_500_000)]),
    begunFile: true,
  },
  "before the form's end": {
    sent: () =>
      Buffer.concat([Buffer.from(formStart), picture, Buffer.alloc(900_000), Buffer.from("\r\n--edge\r\n")]),
    begunFile: true,
  },
};

for (const [index, mount] of Object.keys(mounts).entries()) {
  describe(`an upload that its client gives up, through ${mount}`, () => {
    let folder: string;
    let server: ApiServer;
    let client: PlainClient;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "maskery-given-up-"));
      const uploads = createFileObjectStore({ directory: folder });
      const concurrency = { maxRunning: 1, maxWaiting: 0 };
      server = await serveApi(watched, { stores: { uploads }, concurrency }, mount, "/vision");
      client = new PlainClient(server.host.url);
    });
    afterAll(async () => {
      client.close();
      await server.close();
      await rm(folder, { recursive: true });
    });

    /** Files in the folder, those that are being written included. */
    const files = async () =>
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(({ name }) => name);
    const connections = () =>
      new Promise<number>((resolve) => server.host.server.getConnections((_, count) => resolve(count)));

    for (const route of ["/upload", "/api/sessions/{}/upload"])
      for (const [when, { sent, begunFile }] of Object.entries(moments))
        it(`${route}, ${when}: no file, no open handle, no connection is left`, async () => {
          const made = await client.post("/api/demo-sessions", { demo_type: "image_segmentation" });
          const { session_id } = JSON.parse(made.body.toString());
          // The client keeps one connection alive.
          const before = { handles: openHandles(), connections: await connections() };
          const known = await files();
          const upload = client.begin(route.replace("{}", session_id), 5_000_000, sent());
          await expect.poll(server.calls.underWay).toBe(1);
          if (begunFile) await expect.poll(files).toHaveLength(known.length + 1);
          upload.leave();
          await expect.poll(server.calls.underWay).toBe(0);
          expect(server.calls.statuses.at(-1)).toBe(499);
          expect(await files()).toEqual(known);
          expect(await openFiles(folder)).toEqual([]);
          await expect
            .poll(async () => ({ handles: openHandles(), connections: await connections() }))
            .toEqual(before);
        });

    it("the place for work is free again, also where it was left in the model", async () => {
      // One that the model has not seen yet.
      const { body } = await client.upload("/upload", await photo(67, 51 + index));
      const { session_id } = JSON.parse(body.toString());
      const request = Buffer.from(JSON.stringify({ session_id, points: [{ x: 5, y: 5 }] }));
      const headers = { "content-type": "application/json" };
      watched.gate = new Promise(() => {});
      const { stopped } = watched;
      const click = client.begin("/segment", request.length, request, headers);
      await expect.poll(() => watched.held).toBe(1);
      // There is one place, and no line before it.
      expect((await client.send("POST", "/segment", { headers, body: request })).status).toBe(503);
      click.leave();
      await expect.poll(server.calls.underWay).toBe(0);
      // Another request may want the same picture encoded, so it is let go only once nobody waits for it.
      await expect.poll(() => watched.stopped).toBe(stopped + 1);
      watched.gate = undefined;
      const answer = await client.send("POST", "/segment", { headers, body: request });
      expect(answer.status, answer.body.toString()).toBe(200);
    });
  });
}
