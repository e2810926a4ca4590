import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createNodePlatform, createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mounts } from "./support/mounts.js";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function newApi(options: Partial<Parameters<typeof createSegmentationApi>[0]> = {}): SegmentationApi {
  const api = createSegmentationApi({ segmenter, ...options });
  closers.push(() => api.close());
  return api;
}

for (const [name, mount] of Object.entries(mounts)) {
  describe(`${name}: what goes wrong on the way`, () => {
    it("a chunked upload that is too large hears 413 before it ends", async () => {
      const maxFileBytes = 300_000;
      const host = await mount(newApi({ limits: { maxFileBytes } }), "/vision");
      closers.push(() => host.close());
      const head = (await readFile(photo)).subarray(0, 50_000);
      const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
        const sending = httpRequest(
          `${host.url}/upload`,
          { method: "POST", headers: { "content-type": "multipart/form-data; boundary=b" } },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (chunk: string) => {
              text += chunk;
            });
            response.on("end", () => resolve({ status: response.statusCode!, text }));
          },
        ).on("error", reject);
        sending.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n');
        sending.write(head);
        for (let sent = 0; sent < 3_000_000; sent += 100_000) sending.write(Buffer.alloc(100_000, 7));
        sending.end("\r\n--b--\r\n");
      });
      expect(answer.status, answer.text).toBe(413);
      expect(JSON.parse(answer.text)).toMatchObject({ code: "IMAGE_TOO_LARGE" });
    });

    it("a client that leaves stops the work", async () => {
      let aborted: (() => void) | undefined;
      const whenAborted = new Promise<void>((resolve) => {
        aborted = resolve;
      });
      let asked: (() => void) | undefined;
      const whenAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      // The health answer asks a remote encoder that never answers, until it is told to stop.
      const host = await mount(
        newApi({
          platform: createNodePlatform(),
          // It would ask too, as it starts.
          apis: { clinical: false },
          remoteStatus: ({ signal }) =>
            new Promise((_resolve, reject) => {
              signal?.addEventListener("abort", () => {
                aborted?.();
                reject(signal.reason);
              });
              asked?.();
            }),
        }),
        "/vision",
      );
      closers.push(() => host.close());
      const { port, pathname } = new URL(`${host.url}/health`);
      const socket = connect(Number(port), "127.0.0.1");
      socket.write(`GET ${pathname} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      await whenAsked;
      socket.destroy();
      await whenAborted;
    });
  });
}
