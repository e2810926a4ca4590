import { readFile } from "node:fs/promises";
import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import { createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mounts, type RunningHost } from "./support/mounts.js";

const photo = new URL("../../../examples/photos/coffee.png", import.meta.url);

// biome-ignore lint/suspicious/noExplicitAny: a test reads members and compares them
const readJson = (response: Response): Promise<any> => response.json();

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

for (const [name, mount] of Object.entries(mounts)) {
  for (const path of ["", "/vision"]) {
    describe(`${name}, at ${path === "" ? "the root" : path}`, () => {
      let api: SegmentationApi;
      let host: RunningHost;
      beforeAll(async () => {
        api = createSegmentationApi({ segmenter });
        host = await mount(api, path);
      });
      afterAll(async () => {
        await host.close();
        await api.close();
      });

      it("takes an upload in, segments it and gives the file back", async () => {
        const form = new FormData();
        form.set("file", new Blob([await readFile(photo)], { type: "image/png" }), "cup.png");
        const uploaded = await fetch(`${host.url}/upload`, { method: "POST", body: form });
        expect(uploaded.status, await uploaded.clone().text()).toBe(200);
        const { session_id, width, height } = await readJson(uploaded);
        expect([width, height]).toEqual([600, 400]);

        const segmented = await fetch(`${host.url}/segment`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ session_id, points: [{ x: 300, y: 180, label: 1 }] }),
        });
        expect(segmented.status, await segmented.clone().text()).toBe(200);
        const { masks } = await readJson(segmented);
        expect(masks[0].area).toBeGreaterThan(1000);

        const download = await fetch(`${host.url}/download-image/`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ session_id, format: "jpg" }),
        });
        const { image_url, size_bytes } = await readJson(download);
        expect(image_url.startsWith(`${path}/download-file/`)).toBe(true);
        const file = await fetch(new URL(image_url, host.url));
        expect(file.headers.get("content-type")).toBe("image/jpeg");
        expect((await file.arrayBuffer()).byteLength).toBe(size_bytes);
      });

      it("answers an unknown session with a problem", async () => {
        const answer = await fetch(`${host.url}/session/unknown`);
        expect(answer.status).toBe(404);
        expect(answer.headers.get("content-type")).toBe("application/problem+json");
        expect(await answer.json()).toMatchObject({ status: 404, code: "NOT_FOUND" });
      });
    });
  }
}
