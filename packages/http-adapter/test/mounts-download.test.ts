import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { get as httpGet, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileObjectStore, type ObjectStore } from "@maskery/http-adapter";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, serveApi } from "./support/api-server.js";
import { openFiles } from "./support/held-resources.js";
import { mounts } from "./support/mounts.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

/** More than all buffers between a store and a client that does not read. */
const FILE_BYTES = 48 * 1024 * 1024;
const content = Buffer.alloc(FILE_BYTES, "one picture, as far as anybody here knows; ");
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let watched: WatchedSegmenter;
let folder: string;
let results: ObjectStore;
/** Bytes that were read from the store since somebody set it to 0. */
let read = 0;
/** After so many bytes reading fails, as a disk does. */
let failAfter = Number.POSITIVE_INFINITY;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  folder = await mkdtemp(join(tmpdir(), "maskery-download-"));
  const files = createFileObjectStore({ directory: folder });
  await files.put("image-large.png", content, { contentType: "image/png" });
  results = {
    ...files,
    list: (prefix) => files.list(prefix),
    put: (...args) => files.put(...args),
    delete: (key) => files.delete(key),
    async get(key, options) {
      const object = await files.get(key, options);
      return object && { ...object, stream: () => counted(object.stream()) };
    },
  };
});
afterAll(async () => {
  await watched.segmenter.dispose();
  await rm(folder, { recursive: true });
});

/** Counts what is read, and fails where the test says so. */
function counted(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        read += value.length;
        if (read > failAfter) {
          await reader.cancel();
          throw new Error("The disk has a bad block.");
        }
        controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

for (const mount of Object.keys(mounts)) {
  describe(`a large file through ${mount}`, () => {
    let server: ApiServer;
    beforeAll(async () => {
      server = await serveApi(watched, { stores: { results } }, mount, "/vision");
    });
    afterAll(() => server.close());

    const ask = () => {
      read = 0;
      return new Promise<IncomingMessage>((resolve, reject) => {
        httpGet(`${server.host.url}/download-file/image-large.png`, { agent: false }, resolve).on(
          "error",
          reject,
        );
      });
    };
    /** Waits until nothing more is read: the buffers on the way are full. */
    const untilStill = async () => {
      let before = -1;
      await expect
        .poll(
          () => {
            const isStill = read > 0 && read === before;
            before = read;
            return isStill;
          },
          { interval: 300 },
        )
        .toBe(true);
    };

    it("is read no faster than its client takes it, and arrives whole", async () => {
      const answer = await ask();
      answer.pause();
      await untilStill();
      expect(read).toBeLessThan(FILE_BYTES);
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      expect(hash(Buffer.concat(chunks))).toBe(hash(content));
      await expect.poll(() => openFiles(folder)).toEqual([]);
    });

    it("is let go when its client leaves", async () => {
      const answer = await ask();
      answer.on("error", () => undefined);
      answer.pause();
      await untilStill();
      expect((await openFiles(folder)).length).toBeGreaterThan(0);
      answer.destroy();
      await expect.poll(() => openFiles(folder)).toEqual([]);
      expect(read).toBeLessThan(FILE_BYTES);
    });

    it("that breaks off breaks the connection: nobody takes half of it for the whole", async () => {
      failAfter = 2_000_000;
      try {
        const answer = await ask();
        let received = 0;
        const ended = new Promise<string>((resolve) => {
          answer.on("data", (chunk: Buffer) => {
            received += chunk.length;
          });
          answer.on("end", () => resolve("whole"));
          answer.on("error", () => resolve("broken off"));
        });
        expect(await ended).toBe("broken off");
        expect(received).toBeLessThan(FILE_BYTES);
        await expect.poll(() => openFiles(folder)).toEqual([]);
      } finally {
        failAfter = Number.POSITIVE_INFINITY;
      }
      // The server is well, and the file too.
      expect((await ask().then((answer) => answer.destroy())).statusCode).toBe(200);
    });
  });
}
