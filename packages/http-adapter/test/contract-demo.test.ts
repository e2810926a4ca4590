import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveDemo } from "./support/demo-caller.js";
import { mounts } from "./support/mounts.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

let watched: WatchedSegmenter;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
});
afterAll(() => watched.segmenter.dispose());

for (const name of Object.keys(mounts)) {
  describe(`demo.md, every request in it, through ${name}`, () => {
    it("answers with the documented fields", async () => {
      const { host, demo, close } = await serveDemo(watched, {}, name, "/vision");
      try {
        const session = await demo.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
        expect(session).toEqual({
          id: expect.any(Number),
          session_id: expect.stringMatching(uuid),
          demo_type: "image_segmentation",
          created_at: expect.stringMatching(isoDate),
        });
        const id: string = session.session_id;

        const picture = await photo(120, 80);
        const file = await demo.json(demo.uploadTo(id, picture, "uploaded-image.jpg"));
        expect(file).toEqual({
          file_id: expect.stringMatching(uuid),
          filename: "uploaded-image.jpg",
          url: `${host.url}/api/files/${file.file_id}.jpg`,
          uploaded_at: expect.stringMatching(isoDate),
        });
        const named = await demo.json(
          demo.uploadTo(id, picture, "uploaded-image.jpg", { name: "My cup.jpg" }),
        );
        expect(named.filename).toBe("My cup.jpg");

        expect(await demo.json(demo.start(id))).toEqual({
          task_id: expect.stringMatching(uuid),
          status: "processing",
          message: "Image segmentation started",
        });

        const told = await demo.untilOver(id);
        expect(told.at(-1)).toEqual({
          status: "completed",
          progress: 100,
          message: "Processing completed successfully",
        });

        const found = await demo.results(id);
        expect(found).toEqual({
          input_image_url: named.url,
          output_image_url: expect.stringMatching(/^http.*\/vision\/api\/files\/[0-9a-f-]{36}\.jpg$/),
          segments: expect.any(Array),
          ai_description: expect.stringMatching(/\w+/),
          ai_description_source: "local",
          technical_summary: expect.stringMatching(/nano.*120 × 80|120 × 80.*nano/),
          processing_time: expect.any(Number),
          model_used: "nano",
          confidence_score: expect.any(Number),
        });
        expect(found.segments.length).toBeGreaterThan(0);
        for (const segment of found.segments)
          expect(segment).toEqual({
            class: expect.any(String),
            label: expect.any(String),
            confidence: expect.any(Number),
            mask: expect.any(String),
            area: expect.any(Number),
            bbox: [expect.any(Number), expect.any(Number), expect.any(Number), expect.any(Number)],
          });
        for (const url of [found.input_image_url, found.output_image_url]) {
          const answer = await demo.fetch("GET", new URL(url).pathname.slice("/vision".length));
          expect(answer.headers.get("content-type")).toBe("image/jpeg");
          const { width, height } = await sharp(await answer.arrayBuffer()).metadata();
          expect([width, height]).toEqual([120, 80]);
        }
      } finally {
        await close();
      }
    });
  });
}
