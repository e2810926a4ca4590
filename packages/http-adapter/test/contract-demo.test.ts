import { createSegmentationApi, type SegmentationApi } from "@maskery/http-adapter";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Caller } from "./support/caller.js";
import { mounts, type RunningHost } from "./support/mounts.js";
import { disc, iou, photo, readMask } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

vi.setConfig({ testTimeout: 120_000 });

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isoDate = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

let watched: WatchedSegmenter;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
});
afterAll(() => watched.segmenter.dispose());

async function serve(
  name: keyof typeof mounts,
  options: Partial<Parameters<typeof createSegmentationApi>[0]> = {},
  path = "",
) {
  const api = createSegmentationApi({
    segmenter: watched.segmenter,
    // Fewer clicks, and more time than the document gives: the machine may be busy with other tests.
    apis: { demo: { pointsPerSide: 6, processingTimeoutMs: 110_000 } },
    ...options,
  });
  const host = await mounts[name]!(api, path);
  return { api, host, caller: new Caller(host.url, api) };
}

async function newSession(caller: Caller): Promise<string> {
  const { session_id } = await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
  return session_id;
}

interface Told {
  readonly status: string;
  readonly progress: number;
  readonly message: string;
}

/** Everything the status endpoint said until the work was over. */
async function untilOver(caller: Caller, sessionId: string): Promise<Told[]> {
  const told: Told[] = [];
  for (;;) {
    const status = (await caller.getJson(`/api/sessions/${sessionId}/status`)) as Told;
    told.push(status);
    if (status.status !== "processing") return told;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Uploads, segments, and gives the results. */
async function process(caller: Caller, picture: Uint8Array, name = "photo.jpg") {
  const sessionId = await newSession(caller);
  const file = await caller.json(
    caller.upload(`/api/sessions/${sessionId}/upload`, new Blob([new Uint8Array(picture)]), name),
  );
  await caller.postJson("/api/image-segmentation", { session_id: sessionId });
  const told = await untilOver(caller, sessionId);
  return { sessionId, file, told, last: told.at(-1)! };
}

const results = (caller: Caller, sessionId: string) => caller.getJson(`/api/sessions/${sessionId}/results`);

for (const name of Object.keys(mounts)) {
  describe(`demo.md, every request in it, through ${name}`, () => {
    it("answers with the documented fields", async () => {
      const { api, host, caller } = await serve(name, {}, "/vision");
      try {
        const session = await caller.postJson("/api/demo-sessions", { demo_type: "image_segmentation" });
        expect(session).toEqual({
          id: expect.any(Number),
          session_id: expect.stringMatching(uuid),
          demo_type: "image_segmentation",
          created_at: expect.stringMatching(isoDate),
        });
        const sessionPath = `/api/sessions/${session.session_id}`;

        const picture = new Blob([new Uint8Array(await photo(120, 80))], { type: "image/jpeg" });
        const file = await caller.json(caller.upload(`${sessionPath}/upload`, picture, "uploaded-image.jpg"));
        expect(file).toEqual({
          file_id: expect.stringMatching(uuid),
          filename: "uploaded-image.jpg",
          url: `${host.url}/api/files/${file.file_id}.jpg`,
          uploaded_at: expect.stringMatching(isoDate),
        });
        const named = await caller.json(
          caller.upload(`${sessionPath}/upload`, picture, "uploaded-image.jpg", { name: "My cup.jpg" }),
        );
        expect(named.filename).toBe("My cup.jpg");

        const task = await caller.postJson("/api/image-segmentation", { session_id: session.session_id });
        expect(task).toEqual({
          task_id: expect.stringMatching(uuid),
          status: "processing",
          message: "Image segmentation started",
        });

        const told = await untilOver(caller, session.session_id);
        expect(told.at(-1)).toEqual({
          status: "completed",
          progress: 100,
          message: "Processing completed successfully",
        });

        const found = await results(caller, session.session_id);
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
          const answer = await caller.fetch("GET", new URL(url).pathname.slice("/vision".length));
          expect(answer.headers.get("content-type")).toBe("image/jpeg");
          const { width, height } = await sharp(await answer.arrayBuffer()).metadata();
          expect([width, height]).toEqual([120, 80]);
        }
      } finally {
        await host.close();
        await api.close();
      }
    });
  });
}

describe("demo.md, Testing Checklist", () => {
  let api: SegmentationApi;
  let host: RunningHost;
  let caller: Caller;
  beforeAll(async () => {
    ({ api, host, caller } = await serve("node", { limits: { maxFileBytes: 2 * 1024 * 1024 } }));
  });
  afterAll(async () => {
    await host.close();
    await api.close();
  });

  describe("API Endpoints", () => {
    it("Demo session creation returns valid session ID", async () => {
      const first = await newSession(caller);
      const second = await newSession(caller);
      expect(first).toMatch(uuid);
      expect(second).not.toBe(first);
      expect((await caller.getJson(`/api/sessions/${first}/status`)).status).toBe("processing");
    });

    it("File upload accepts image files and returns URLs", async () => {
      const sessionId = await newSession(caller);
      const picture = await photo(64, 48, "png");
      const { url, filename } = await caller.json(
        caller.upload(`/api/sessions/${sessionId}/upload`, new Blob([new Uint8Array(picture)]), "a.png"),
      );
      expect(filename).toBe("a.png");
      const stored = await fetch(url);
      expect(Buffer.from(await stored.arrayBuffer()).equals(picture)).toBe(true);
    });

    it("Image segmentation processing starts successfully", async () => {
      const sessionId = await newSession(caller);
      const picture = new Blob([new Uint8Array(await photo(64, 48))]);
      await caller.json(caller.upload(`/api/sessions/${sessionId}/upload`, picture));
      const task = await caller.postJson("/api/image-segmentation", { session_id: sessionId });
      expect(task.status).toBe("processing");
      // A second start while the first goes on is refused, and the first is not disturbed.
      const again = await caller.post("/api/image-segmentation", { session_id: sessionId });
      expect([200, 409]).toContain(again.status);
      expect((await untilOver(caller, sessionId)).at(-1)!.status).toBe("completed");
    });

    it("Status endpoint shows progress updates", async () => {
      const sessionId = await newSession(caller);
      const statusPath = `/api/sessions/${sessionId}/status`;
      const picture = new Blob([new Uint8Array(await photo(200, 150))]);
      await caller.json(caller.upload(`/api/sessions/${sessionId}/upload`, picture));
      expect(await caller.getJson(statusPath)).toMatchObject({ status: "processing", progress: 0 });
      let open = () => {};
      watched.gate = new Promise((resolve) => {
        open = resolve;
      });
      await caller.postJson("/api/image-segmentation", { session_id: sessionId });
      // The encoder waits at the gate: the work has begun and cannot have gone far.
      await expect.poll(() => watched.held).toBe(1);
      const early = await caller.getJson(statusPath);
      expect(early.status).toBe("processing");
      expect(early.progress).toBeLessThan(50);
      watched.gate = undefined;
      open();
      const told = await untilOver(caller, sessionId);
      const percents = told.map(({ progress }) => progress);
      expect(percents).toEqual([...percents].sort((a, b) => a - b));
      expect(told.at(-1)).toMatchObject({ status: "completed", progress: 100 });
    });

    it("Results endpoint returns complete data structure", async () => {
      const { sessionId } = await process(caller, await disc(160, 120, [80, 60], 30), "disc.png");
      const found = await results(caller, sessionId);
      expect(found.segments.length).toBeGreaterThan(0);
      for (const { mask, area, bbox, confidence } of found.segments) {
        const drawn = await readMask(mask);
        expect([drawn.width, drawn.height]).toEqual([160, 120]);
        expect(drawn.area).toBe(area);
        const [x, y, width, height] = bbox;
        expect(x >= 0 && y >= 0 && x + width <= 160 && y + height <= 120).toBe(true);
        expect(confidence >= 0 && confidence <= 1).toBe(true);
      }
    });
  });

  describe("Image Processing", () => {
    it("Segmentation produces accurate masks/outputs", async () => {
      const { sessionId } = await process(caller, await disc(160, 120, [80, 60], 30), "disc.png");
      const { segments } = await results(caller, sessionId);
      const scores = await Promise.all(
        segments.map(async ({ mask }: { mask: string }) =>
          iou(await readMask(mask), (x, y) => Math.hypot(x - 80, y - 60) <= 30),
        ),
      );
      expect(Math.max(...scores)).toBeGreaterThan(0.85);
    });

    it("Output image shows clear segment boundaries", async () => {
      const { sessionId } = await process(caller, await disc(160, 120, [80, 60], 30), "disc.png");
      const { input_image_url, output_image_url } = await results(caller, sessionId);
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

    for (const [format, width, height] of [
      ["jpeg", 33, 24],
      ["png", 48, 100],
      ["webp", 150, 50],
      ["tiff", 90, 71],
    ] as const)
      it(`Handles various image types and sizes: ${format}, ${width} × ${height}`, async () => {
        const { sessionId, last } = await process(caller, await photo(width, height, format), "a.xyz");
        expect(last.status).toBe("completed");
        const { output_image_url, segments } = await results(caller, sessionId);
        const drawn = await sharp(await (await fetch(output_image_url)).arrayBuffer()).metadata();
        expect([drawn.width, drawn.height]).toEqual([width, height]);
        for (const { mask } of segments.slice(0, 1)) {
          const { width: w, height: h } = await readMask(mask);
          expect([w, h]).toEqual([width, height]);
        }
      });

    it("Processing completes within timeout limits", async () => {
      const limited = await serve("node", { apis: { demo: { processingTimeoutMs: 300 } } });
      watched.gate = new Promise(() => {});
      const stopped = watched.stopped;
      try {
        const { last, sessionId } = await process(limited.caller, await photo(91, 72));
        expect(last).toMatchObject({
          status: "failed",
          message: "Processing took longer than 0.3 seconds and was stopped.",
        });
        // The work itself ended, not only the waiting for it.
        await expect.poll(() => watched.stopped).toBe(stopped + 1);
        const answer = await limited.caller.fetch("GET", `/api/sessions/${sessionId}/results`);
        expect(answer.status).toBe(409);
      } finally {
        watched.gate = undefined;
        await limited.host.close();
        await limited.api.close();
      }
      const { sessionId, last } = await process(caller, await photo(90, 71));
      expect(last.status).toBe("completed");
      expect((await results(caller, sessionId)).processing_time).toBeLessThan(30);
    });
  });

  describe("AI Integration", () => {
    it("Gemini generates relevant descriptions", async () => {
      // The describer stands where Gemini would; its own client is tested against Gemini's protocol elsewhere.
      const asked: number[] = [];
      const described = await serve("node", {
        descriptions: {
          describer: {
            contractVersion: 1,
            id: "written-in-test",
            name: "gemini",
            abilities: { network: true, maxTextLength: 2000 },
            async describe(image, masks) {
              asked.push(masks.length);
              return {
                text: `A picture of ${image.width} × ${image.height} with ${masks.length} segments.`,
                source: "gemini",
              };
            },
          },
        },
      });
      try {
        const picture = await disc(160, 120, [80, 60], 30);
        const { sessionId } = await process(described.caller, picture, "disc.png");
        const found = await results(described.caller, sessionId);
        expect(found.ai_description).toBe(`A picture of 160 × 120 with ${found.segments.length} segments.`);
        expect(found.ai_description_source).toBe("gemini");
        // The same picture again costs no second description.
        await process(described.caller, picture, "disc.png");
        expect(asked).toHaveLength(1);
      } finally {
        await described.host.close();
        await described.api.close();
      }
    });

    it("Technical summary includes model details", async () => {
      const { sessionId } = await process(caller, await photo(100, 75));
      const { technical_summary, model_used, segments, processing_time } = await results(caller, sessionId);
      expect(model_used).toBe(watched.segmenter.model);
      expect(technical_summary).toContain(model_used);
      expect(technical_summary).toContain(watched.segmenter.device);
      expect(technical_summary).toContain(`${segments.length} segments`);
      expect(technical_summary).toContain(`${processing_time.toFixed(1)} seconds`);
    });

    it("Error handling for AI service failures", async () => {
      const lines: string[] = [];
      const log = (_fields: object, message: string) => void lines.push(message);
      const failing = await serve("node", {
        logger: { debug() {}, info() {}, warn: log, error: log },
        descriptions: {
          timeoutMs: 5_000,
          describer: {
            contractVersion: 1,
            id: "failing",
            name: "gemini",
            abilities: { network: true, maxTextLength: 2000 },
            describe: () => Promise.reject(new Error("key AIza-secret refused by /v1beta")),
          },
        },
      });
      try {
        const { sessionId, last } = await process(failing.caller, await photo(100, 75));
        expect(last.status).toBe("completed");
        const found = await results(failing.caller, sessionId);
        expect(found.ai_description_source).toBe("local");
        expect(found.ai_description.length).toBeGreaterThan(10);
        expect(JSON.stringify(found)).not.toContain("AIza");
        expect(lines.join("\n")).toContain("describer failed");
      } finally {
        await failing.host.close();
        await failing.api.close();
      }
    });
  });

  describe("Edge Cases", () => {
    const refused: readonly [string, () => Promise<Uint8Array> | Uint8Array][] = [
      ["text", () => Buffer.from("no picture at all, whatever its name says")],
      ["SVG", () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
      ["nothing", () => new Uint8Array()],
    ];
    for (const [what, make] of refused)
      it(`Invalid file types rejected: ${what}`, async () => {
        const sessionId = await newSession(caller);
        const file = new Blob([new Uint8Array(await make())], { type: "image/jpeg" });
        const answer = await caller.upload(`/api/sessions/${sessionId}/upload`, file, "photo.jpg");
        expect(answer.status).toBe(415);
        expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("JPEG") });
      });

    it("Large files handled appropriately", async () => {
      const sessionId = await newSession(caller);
      const noise = new Uint8Array(3 * 1024 * 1024);
      noise.set(await photo(64, 48));
      const answer = await caller.upload(`/api/sessions/${sessionId}/upload`, new Blob([noise]));
      expect(answer.status).toBe(413);
      const wide = await sharp({
        create: { width: 9000, height: 6000, channels: 3, background: "#fff" },
      })
        .png()
        .toBuffer();
      const pixels = await caller.upload(
        `/api/sessions/${sessionId}/upload`,
        new Blob([new Uint8Array(wide)]),
      );
      expect(pixels.status).toBe(413);
      // The session goes on with a picture that fits.
      const fits = new Blob([new Uint8Array(await photo(64, 48))]);
      expect((await caller.upload(`/api/sessions/${sessionId}/upload`, fits)).status).toBe(200);
    });

    it("Corrupted images handled gracefully", async () => {
      const whole = await photo(200, 150, "png");
      const sessionId = await newSession(caller);
      const half = new Blob([new Uint8Array(whole.subarray(0, whole.length / 2))]);
      const upload = await caller.upload(`/api/sessions/${sessionId}/upload`, half, "half.png");
      // Where the header tells nothing, the work does.
      expect([200, 400]).toContain(upload.status);
      if (upload.status === 200) {
        await caller.postJson("/api/image-segmentation", { session_id: sessionId });
        const last = (await untilOver(caller, sessionId)).at(-1)!;
        expect(last.status).toBe("failed");
        expect(last.message).not.toMatch(/\/|stack|at /);
      }
      const headless = new Blob([new Uint8Array(whole.subarray(0, 20))]);
      const answer = await caller.upload(`/api/sessions/${sessionId}/upload`, headless, "half.png");
      expect(answer.status).toBe(400);
    });

    it("Network timeouts managed", async () => {
      const slow = await serve("node", { timeoutsMs: { uploadDemoFile: 300 } });
      try {
        const sessionId = await newSession(slow.caller);
        const body = new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(
              Buffer.from(
                '--edge\r\ncontent-disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n\xff\xd8\xff',
                "latin1",
              ),
            );
          },
        });
        const answer = await slow.caller.fetch("POST", `/api/sessions/${sessionId}/upload`, {
          body,
          headers: { "content-type": "multipart/form-data; boundary=edge" },
          duplex: "half",
        } as RequestInit);
        expect(answer.status).toBe(504);
        expect(await answer.json()).toMatchObject({ status: 504, code: "TIMEOUT" });
      } finally {
        await slow.host.close();
        await slow.api.close();
      }
    });

    it("Concurrent processing handled", async () => {
      const sizes = [
        [60, 40],
        [64, 44],
        [68, 48],
      ] as const;
      const all = await Promise.all(
        sizes.map(async ([width, height]) => ({
          width,
          height,
          ...(await process(caller, await photo(width, height))),
        })),
      );
      for (const { width, height, sessionId, last } of all) {
        expect(last).toMatchObject({ status: "completed", progress: 100 });
        const { segments, output_image_url } = await results(caller, sessionId);
        const drawn = await sharp(await (await fetch(output_image_url)).arrayBuffer()).metadata();
        expect([drawn.width, drawn.height]).toEqual([width, height]);
        for (const { bbox } of segments) {
          expect(bbox[0] + bbox[2]).toBeLessThanOrEqual(width);
          expect(bbox[1] + bbox[3]).toBeLessThanOrEqual(height);
        }
      }
    });
  });
});
