import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DemoCaller, type RunningDemo, serveDemo } from "./support/demo-caller.js";
import { bmp, disc, iou, photo, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

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

const never = new Promise<void>(() => {});

describe("demo.md, Testing Checklist, Image Processing", () => {
  it("Segmentation produces accurate masks/outputs", async () => {
    const { sessionId } = await demo.process(await disc(160, 120, [80, 60], 30), "disc.png");
    const { segments } = await demo.results(sessionId);
    const scores = await Promise.all(
      segments.map(async ({ mask }: { mask: string }) =>
        iou(await readMask(mask), (x, y) => Math.hypot(x - 80, y - 60) <= 30),
      ),
    );
    expect(Math.max(...scores)).toBeGreaterThan(0.85);
  });

  it("Output image shows clear segment boundaries", async () => {
    const { sessionId } = await demo.process(await disc(160, 120, [80, 60], 30), "disc.png");
    const { input_image_url, output_image_url } = await demo.results(sessionId);
    const [input, output] = await Promise.all(
      [input_image_url, output_image_url].map(async (url: string) =>
        sharp(await (await fetch(url)).arrayBuffer())
          .removeAlpha()
          .raw()
          .toBuffer(),
      ),
    );
    const change = (x: number, y: number) =>
      Math.max(
        ...[0, 1, 2].map((channel) => {
          const index = (y * 160 + x) * 3 + channel;
          return Math.abs(input![index]! - output![index]!);
        }),
      );
    // Inside the disc the colour of its segment lies over the picture.
    expect(change(80, 60)).toBeGreaterThan(20);
    // Along the ring of the border more of the picture's contrast changes than just outside of it.
    const ring = (radius: number) =>
      Array.from({ length: 72 }, (_, step) => (step * Math.PI) / 36).map((angle) => [
        Math.round(80 + radius * Math.cos(angle)),
        Math.round(60 + radius * Math.sin(angle)),
      ]);
    const changed = ring(30).filter(([x, y]) =>
      [-2, -1, 0, 1, 2].some((step) => change(x! + step, y!) > 40 || change(x!, y! + step) > 40),
    );
    expect(changed.length).toBeGreaterThan(54);
  });

  const pictures: Readonly<Record<string, readonly [number, number, () => Promise<Uint8Array>]>> = {
    jpeg: [33, 24, () => photo(33, 24, "jpeg")],
    png: [48, 100, () => photo(48, 100, "png")],
    webp: [150, 50, () => photo(150, 50, "webp")],
    tiff: [90, 71, () => photo(90, 71, "tiff")],
    bmp: [61, 40, async () => bmp(await photo(61, 40, "png"))],
    gif: [
      52,
      39,
      async () =>
        sharp(await photo(52, 39, "png"))
          .gif()
          .toBuffer(),
    ],
    "jpeg of the document's size": [1920, 1080, () => photo(1920, 1080, "jpeg")],
    "jpeg that is stored lying and shown standing": [
      40,
      60,
      async () =>
        sharp(await photo(60, 40))
          .withMetadata({ orientation: 6 })
          .toBuffer(),
    ],
  };
  for (const [kind, [width, height, make]] of Object.entries(pictures))
    it(`Handles various image types and sizes: ${kind}, ${width} × ${height}`, async () => {
      const { sessionId, last } = await demo.process(await make(), "a.xyz");
      expect(last.status).toBe("completed");
      const { output_image_url, segments, technical_summary } = await demo.results(sessionId);
      expect(technical_summary).toContain(`${width} × ${height} pixels`);
      const drawn = await sharp(await (await fetch(output_image_url)).arrayBuffer()).metadata();
      expect([drawn.width, drawn.height]).toEqual([width, height]);
      for (const { mask } of segments.slice(0, 1)) {
        const { width: w, height: h } = await readMask(mask);
        expect([w, h]).toEqual([width, height]);
      }
    });
});

describe("demo.md, Testing Checklist, Image Processing: Processing completes within timeout limits", () => {
  it("by ending with the segments that were found until then, and looking for all the next time", async () => {
    const limited = await serveDemo(watched, { apis: { demo: { searchTimeMs: 300 } } });
    try {
      const picture = await disc(160, 120, [80, 60], 31);
      // Three of nine batches of clicks are answered; the machine is too slow for the others, however long one waits.
      watched.decoderGate = { runsLeft: 3, open: never };
      const short = await limited.demo.process(picture);
      expect(short.last).toMatchObject({ status: "completed", progress: 100 });
      const early = await limited.demo.results(short.sessionId);
      expect(early.technical_summary).toContain("The search was ended before all was looked at");
      expect((await fetch(early.output_image_url)).status).toBe(200);
      // The clicks that nobody waits for any more have ended as well.
      await expect.poll(() => watched.heldDecodes).toBe(0);
    } finally {
      watched.decoderGate = undefined;
      await limited.close();
    }
  });

  it("and an unfinished search is not remembered", async () => {
    const options = { pointsPerSide: 6, searchTimeMs: 0 };
    const limited = await serveDemo(watched, { apis: { demo: options } });
    try {
      const picture = await disc(160, 120, [80, 60], 32);
      const decodes: number[] = [];
      for (let round = 0; round < 2; round++) {
        const before = watched.runs.decodes;
        const { sessionId } = await limited.demo.process(picture);
        expect((await limited.demo.results(sessionId)).technical_summary).toContain("was ended before");
        decodes.push(watched.runs.decodes - before);
      }
      // The model ran again, both times for less than the nine batches of a whole search.
      for (const runs of decodes) expect(runs).toBeGreaterThan(0);
      for (const runs of decodes) expect(runs).toBeLessThan(9);
    } finally {
      await limited.close();
    }
  });

  it("or fails, says so, and the work itself has ended", async () => {
    const limited = await serveDemo(watched, { apis: { demo: { processingTimeoutMs: 1500 } } });
    watched.gate = never;
    const stopped = watched.stopped;
    try {
      const { last, sessionId } = await limited.demo.process(await photo(91, 72));
      expect(last).toMatchObject({
        status: "failed",
        message: "Processing took longer than 1.5 seconds and was stopped.",
      });
      await expect.poll(() => watched.stopped).toBe(stopped + 1);
      const answer = await limited.demo.fetch("GET", `/api/sessions/${sessionId}/results`);
      expect(answer.status).toBe(409);
      // The next picture is served.
      watched.gate = undefined;
      expect((await limited.demo.start(sessionId)).status).toBe(200);
    } finally {
      watched.gate = undefined;
      await limited.close();
    }
  });

  it("and waiting for a place does not count", async () => {
    const limited = await serveDemo(watched, {
      concurrency: { maxRunning: 1 },
      apis: { demo: { processingTimeoutMs: 60_000 } },
    });
    let open = () => {};
    watched.gate = new Promise((resolve) => {
      open = resolve;
    });
    try {
      const first = await limited.demo.begin(await photo(92, 70));
      await expect.poll(() => watched.held).toBe(1);
      const second = await limited.demo.begin(await photo(94, 70));
      expect(await limited.demo.status(second)).toEqual({
        status: "processing",
        progress: 0,
        message: "Waiting for a place",
      });
      open();
      for (const id of [first, second])
        expect((await limited.demo.untilOver(id)).at(-1)!.status).toBe("completed");
    } finally {
      open();
      await limited.close();
    }
  });
});
