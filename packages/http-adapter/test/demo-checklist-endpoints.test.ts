import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DemoCaller, type RunningDemo, serveDemo } from "./support/demo-caller.js";
import { bmp, disc, photo, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let watched: WatchedSegmenter;
let running: RunningDemo;
let demo: DemoCaller;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  running = await serveDemo(watched);
  demo = running.demo;
});
afterEach(() => {
  watched.gate = undefined;
  watched.decoderGate = undefined;
});
afterAll(async () => {
  await running.close();
  await watched.segmenter.dispose();
});

/** A gate, and what opens it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("demo.md, Testing Checklist, API Endpoints", () => {
  it("Demo session creation returns valid session ID", async () => {
    const first = await demo.newSession();
    const second = await demo.newSession();
    expect(first).toMatch(uuid);
    expect(second).not.toBe(first);
    // Valid: the other endpoints know it.
    for (const id of [first, second])
      expect(await demo.status(id)).toEqual({
        status: "processing",
        progress: 0,
        message: "Waiting for an image",
      });
    expect((await demo.uploadTo(first, await photo(64, 48))).status).toBe(200);
  });

  it("File upload accepts image files and returns URLs", async () => {
    const png = await photo(64, 48, "png");
    const files: Readonly<Record<string, Uint8Array>> = {
      "image/png": png,
      "image/jpeg": await photo(64, 48, "jpeg"),
      "image/webp": await photo(64, 48, "webp"),
      "image/tiff": await photo(64, 48, "tiff"),
      "image/gif": await sharp(png).gif().toBuffer(),
      "image/bmp": await bmp(png),
    };
    for (const [type, picture] of Object.entries(files)) {
      const sessionId = await demo.newSession();
      const { url, filename } = await demo.json(demo.uploadTo(sessionId, picture, "a picture"));
      expect(filename).toBe("a picture");
      expect(url.startsWith(`${running.host.url}/api/files/`), url).toBe(true);
      const stored = await demo.fetch("GET", new URL(url).pathname);
      expect([stored.status, stored.headers.get("content-type")]).toEqual([200, type]);
      expect(Buffer.from(await stored.arrayBuffer()).equals(picture), type).toBe(true);
    }
  });

  it("Image segmentation processing starts successfully", async () => {
    const { opened, open } = gate();
    watched.gate = opened;
    const sessionId = await demo.begin(await photo(63, 48));
    // The work goes on by itself, after the answer.
    await expect.poll(() => watched.held).toBe(1);
    // A second start while the first goes on is refused, and the first is not disturbed.
    const again = await demo.start(sessionId);
    expect([again.status, await again.json()]).toEqual([
      409,
      expect.objectContaining({ field: "session_id", detail: expect.stringContaining("already") }),
    ]);
    const early = await demo.fetch("GET", `/api/sessions/${sessionId}/results`);
    expect([early.status, await early.json()]).toEqual([
      409,
      expect.objectContaining({ detail: expect.stringContaining("processing") }),
    ]);
    open();
    expect((await demo.untilOver(sessionId)).at(-1)!.status).toBe("completed");
    // Done, it may be started again.
    expect((await demo.start(sessionId)).status).toBe(200);
    expect((await demo.untilOver(sessionId)).at(-1)!.status).toBe("completed");
  });

  it("Image segmentation processing starts successfully: not without a picture", async () => {
    const answer = await demo.start(await demo.newSession());
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ field: "session_id", detail: expect.stringContaining("uploaded picture") }),
    ]);
  });

  it("Status endpoint shows progress updates", async () => {
    const sessionId = await demo.newSession();
    await demo.json(demo.uploadTo(sessionId, await photo(200, 150)));
    expect(await demo.status(sessionId)).toMatchObject({ status: "processing", progress: 0 });
    const encoder = gate();
    const decoder = gate();
    watched.gate = encoder.opened;
    watched.decoderGate = { runsLeft: 4, open: decoder.opened };
    await demo.json(demo.start(sessionId));
    // The picture is being encoded: the work has begun, and nothing is found yet.
    await expect.poll(() => watched.held).toBe(1);
    const early = await demo.status(sessionId);
    expect(early).toMatchObject({ status: "processing", message: "Finding segments" });
    expect(early.progress).toBeLessThan(10);
    // Four of its nine batches of clicks are answered: it is somewhere in the middle, and says so.
    encoder.open();
    await expect.poll(async () => (await demo.status(sessionId)).progress).toBeGreaterThan(30);
    await expect.poll(() => watched.heldDecodes).toBeGreaterThan(0);
    expect((await demo.status(sessionId)).progress).toBeLessThan(50);
    decoder.open();
    const told = await demo.untilOver(sessionId);
    const percents = told.map(({ progress }) => progress);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(told.at(-1)).toMatchObject({ status: "completed", progress: 100 });
  });

  it("Results endpoint returns complete data structure", async () => {
    const { sessionId } = await demo.process(await disc(160, 120, [80, 60], 30), "disc.png");
    const found = await demo.results(sessionId);
    // Held against the schemas of the document by the caller; here against what lies behind.
    expect(Object.keys(found).sort()).toEqual(
      [
        "input_image_url",
        "output_image_url",
        "segments",
        "ai_description",
        "ai_description_source",
        "technical_summary",
        "processing_time",
        "model_used",
        "confidence_score",
      ].sort(),
    );
    expect(found.segments.length).toBeGreaterThan(0);
    for (const { mask, area, bbox, confidence } of found.segments) {
      const drawn = await readMask(mask);
      expect([drawn.width, drawn.height]).toEqual([160, 120]);
      expect(drawn.area).toBe(area);
      const [x, y, width, height] = bbox;
      expect(x >= 0 && y >= 0 && x + width <= 160 && y + height <= 120).toBe(true);
      expect(confidence >= 0 && confidence <= 1).toBe(true);
    }
    const mean =
      found.segments.reduce((sum: number, { confidence }: { confidence: number }) => sum + confidence, 0) /
      found.segments.length;
    expect(found.confidence_score).toBeCloseTo(mean, 5);
    for (const url of [found.input_image_url, found.output_image_url])
      expect((await fetch(url)).status).toBe(200);
  });
});
