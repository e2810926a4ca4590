import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type DemoCaller, type RunningDemo, serveDemo } from "./support/demo-caller.js";
import { photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

let watched: WatchedSegmenter;
let running: RunningDemo;
let demo: DemoCaller;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
  running = await serveDemo(watched, { limits: { maxFileBytes: 2 * 1024 * 1024 } });
  demo = running.demo;
});
afterEach(() => {
  watched.failure = undefined;
});
afterAll(async () => {
  await running.close();
  await watched.segmenter.dispose();
});

describe("demo.md, Testing Checklist, Edge Cases", () => {
  const refused: readonly [string, string | Uint8Array][] = [
    ["text", "no picture at all, whatever its name says"],
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ["PDF", "%PDF-1.7\n1 0 obj\n<<>>\nendobj"],
    ["ZIP", Buffer.from("504b0304140000000800", "hex")],
    ["a program", Buffer.from("7f454c460201010000000000", "hex")],
    ["nothing", new Uint8Array()],
  ];
  for (const [what, content] of refused)
    it(`Invalid file types rejected: ${what}`, async () => {
      const sessionId = await demo.newSession();
      const file = new Blob([typeof content === "string" ? content : new Uint8Array(content)], {
        type: "image/jpeg",
      });
      const answer = await demo.upload(`/api/sessions/${sessionId}/upload`, file, "photo.jpg");
      expect(answer.status).toBe(415);
      expect(await answer.json()).toMatchObject({ field: "file", detail: expect.stringContaining("JPEG") });
      expect((await demo.status(sessionId)).message).toBe("Waiting for an image");
    });

  it("Large files handled appropriately", async () => {
    const sessionId = await demo.newSession();
    const noise = new Uint8Array(3 * 1024 * 1024);
    noise.set(await photo(64, 48));
    const tooLong = await demo.uploadTo(sessionId, noise);
    expect([tooLong.status, await tooLong.json()]).toEqual([
      413,
      expect.objectContaining({ detail: expect.stringContaining(`${2 * 1024 * 1024} bytes`) }),
    ]);
    // Few bytes, many pixels: told by its header, before a pixel is decoded.
    const wide = await sharp({ create: { width: 9000, height: 6000, channels: 3, background: "#fff" } })
      .png()
      .toBuffer();
    const tooWide = await demo.uploadTo(sessionId, wide);
    expect([tooWide.status, await tooWide.json()]).toEqual([
      413,
      expect.objectContaining({ code: "IMAGE_TOO_LARGE", detail: expect.stringContaining("9000") }),
    ]);
    // The session goes on with a picture that fits.
    expect((await demo.uploadTo(sessionId, await photo(64, 48))).status).toBe(200);
  });

  it("Corrupted images handled gracefully", async () => {
    const whole = await photo(200, 150, "png");
    const sessionId = await demo.newSession();
    // Its header is whole, so only the work finds out.
    await demo.json(demo.uploadTo(sessionId, whole.subarray(0, whole.length / 2), "half.png"));
    await demo.json(demo.start(sessionId));
    const last = (await demo.untilOver(sessionId)).at(-1)!;
    expect(last.status).toBe("failed");
    expect(last.message).not.toMatch(/\/|stack|at /);
    expect((await demo.fetch("GET", `/api/sessions/${sessionId}/results`)).status).toBe(409);
    // A broken header is told at the door.
    const headless = await demo.uploadTo(sessionId, whole.subarray(0, 20), "half.png");
    expect([headless.status, await headless.json()]).toEqual([
      400,
      expect.objectContaining({ code: "CORRUPT_IMAGE", detail: expect.any(String) }),
    ]);
    // The session goes on with a whole one.
    expect((await demo.uploadTo(sessionId, whole)).status).toBe(200);
    await demo.json(demo.start(sessionId));
    expect((await demo.untilOver(sessionId)).at(-1)!.status).toBe("completed");
  });

  it("Network timeouts managed", async () => {
    const slow = await serveDemo(watched, { timeoutsMs: { uploadDemoFile: 300 } });
    try {
      const sessionId = await slow.demo.newSession();
      const head =
        '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff';
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Buffer.from(head, "latin1")),
      });
      const answer = await slow.demo.fetch("POST", `/api/sessions/${sessionId}/upload`, {
        body,
        headers: { "content-type": "multipart/form-data; boundary=edge" },
        duplex: "half",
      } as RequestInit);
      expect([answer.status, await answer.json()]).toEqual([
        504,
        expect.objectContaining({ status: 504, code: "TIMEOUT", detail: expect.any(String) }),
      ]);
      expect((await slow.demo.status(sessionId)).message).toBe("Waiting for an image");
    } finally {
      await slow.close();
    }
  });

  it("Concurrent processing handled", async () => {
    const sizes = [60, 64, 68, 72].map((width) => [width, width - 20] as const);
    const all = await Promise.all(
      sizes.map(async ([width, height]) => ({
        width,
        height,
        ...(await demo.process(await photo(width, height))),
      })),
    );
    for (const { width, height, sessionId, last } of all) {
      expect(last).toMatchObject({ status: "completed", progress: 100 });
      const { segments, output_image_url } = await demo.results(sessionId);
      const drawn = await sharp(await (await fetch(output_image_url)).arrayBuffer()).metadata();
      expect([drawn.width, drawn.height]).toEqual([width, height]);
      for (const { bbox } of segments) {
        expect(bbox[0] + bbox[2]).toBeLessThanOrEqual(width);
        expect(bbox[1] + bbox[3]).toBeLessThanOrEqual(height);
      }
    }
  });

  it("Concurrent processing handled: one that fails leaves the others alone", async () => {
    const good = await photo(76, 50);
    const bad = (await photo(200, 150, "png")).subarray(0, 5_000);
    const [first, failed, second] = await Promise.all([
      demo.process(good),
      demo.process(bad, "half.png"),
      demo.process(await photo(78, 50)),
    ]);
    expect([first, failed, second].map(({ last }) => last.status)).toEqual([
      "completed",
      "failed",
      "completed",
    ]);
  });
});
