import { createLocalDescriber, maskFromEncoded } from "@maskery/core";
import { createNodePlatform } from "@maskery/node";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type GeminiReply, startGeminiServer } from "../../node/src/gemini/gemini-server.test-support.js";
import { createGenAiDescriber } from "../../node/src/gemini/index.js";
import { type RunningDemo, serveDemo } from "./support/demo-caller.js";
import { disc, photo } from "./support/pictures.js";
import { createWatchedSegmenter, type WatchedSegmenter } from "./support/watched-segmenter.js";

const KEY = "a-key-that-nobody-may-see";

let watched: WatchedSegmenter;
beforeAll(async () => {
  watched = await createWatchedSegmenter();
});
afterAll(() => watched.segmenter.dispose());

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The demo with the real client of Gemini, which asks a server that speaks Gemini's protocol by a script. */
async function serveWithGemini(replies: readonly GeminiReply[], timeoutMs?: number) {
  const gemini = await startGeminiServer(replies);
  closers.push(() => gemini.close());
  const log: { readonly fields: object; readonly message: string }[] = [];
  const keep = (fields: object, message: string) => void log.push({ fields, message });
  const running: RunningDemo = await serveDemo(watched, {
    logger: { debug: keep, info: keep, warn: keep, error: keep },
    descriptions: {
      describer: createGenAiDescriber({ apiKey: KEY, baseUrl: gemini.baseUrl, maxAttempts: 1 }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  });
  closers.push(() => running.close());
  return { gemini, demo: running.demo, log };
}

describe("demo.md, Testing Checklist, AI Integration", () => {
  it("Gemini generates relevant descriptions", async () => {
    const { gemini, demo } = await serveWithGemini([{ text: "A golden disc on a dark blue ground." }]);
    const picture = await disc(160, 120, [80, 60], 30);
    const { sessionId } = await demo.process(picture, "disc.png");
    const found = await demo.results(sessionId);
    expect(found.ai_description).toBe("A golden disc on a dark blue ground.");
    expect(found.ai_description_source).toMatch(/^gemini/);
    // Relevant: it was shown the segmented picture, and told what was found.
    const { parts } = gemini.requests[0]!.body.contents[0]!;
    expect(parts[0]!.text).toContain("Explain the different segments and their relationships.");
    expect(parts[0]!.text).toContain(`Segments: ${found.segments.length}.`);
    const sent = sharp(Buffer.from(parts[1]!.inlineData!.data, "base64"));
    const { width, height } = await sent.metadata();
    expect([width, height]).toEqual([160, 120]);
    const ground = await sharp(picture).removeAlpha().raw().toBuffer();
    const shown = await sent.removeAlpha().raw().toBuffer();
    const middle = (60 * 160 + 80) * 3;
    const change = [0, 1, 2].map((channel) => Math.abs(ground[middle + channel]! - shown[middle + channel]!));
    expect(Math.max(...change)).toBeGreaterThan(20);
    // The same picture again costs no second description.
    const again = await demo.process(picture, "disc.png");
    expect((await demo.results(again.sessionId)).ai_description).toBe(found.ai_description);
    expect(gemini.requests).toHaveLength(1);
  });

  it("Gemini generates relevant descriptions: without it the picture is measured, not its drawn segments", async () => {
    const running = await serveDemo(watched);
    closers.push(() => running.close());
    const picture = await disc(160, 120, [80, 60], 33);
    const { sessionId } = await running.demo.process(picture, "disc.png");
    const { ai_description, ai_description_source, segments } = await running.demo.results(sessionId);
    expect(ai_description_source).toBe("local");
    const { codec } = createNodePlatform();
    const described = await Promise.all(
      segments.map(async ({ mask, label }: { mask: string; label: string }) => ({
        mask: await maskFromEncoded(Buffer.from(mask, "base64"), codec, {}),
        name: label,
      })),
    );
    const expected = await createLocalDescriber().describe(await codec.decode(picture, {}), described);
    expect(ai_description).toBe(expected.text);
  });

  it("Technical summary includes model details", async () => {
    const running = await serveDemo(watched);
    closers.push(() => running.close());
    const { sessionId } = await running.demo.process(await photo(100, 75));
    const found = await running.demo.results(sessionId);
    const { technical_summary, model_used, segments, processing_time } = found;
    expect(model_used).toBe(watched.segmenter.model);
    expect(technical_summary).toContain(model_used);
    expect(technical_summary).toContain(watched.segmenter.device);
    expect(technical_summary).toContain(`${segments.length} segments`);
    expect(technical_summary).toContain(`${processing_time.toFixed(2)} seconds`);
    expect(technical_summary).toContain(`mean confidence ${Math.round(found.confidence_score * 100)}%`);
  });

  const failures: Readonly<Record<string, readonly [GeminiReply, number?]>> = {
    "it answers 500": [{ status: 500 }],
    "it refuses the key": [{ status: 403 }],
    "it is asked too often": [{ status: 429 }],
    "it blocks the picture": [{ blocked: "SAFETY" }],
    "it answers nonsense": [{ raw: "<html>" }],
    "it never answers": ["silence", 1500],
  };
  for (const [what, [reply, timeoutMs]] of Object.entries(failures))
    it(`Error handling for AI service failures: ${what}`, async () => {
      const { gemini, demo, log } = await serveWithGemini([reply], timeoutMs);
      const { sessionId, last } = await demo.process(await photo(60, 45));
      expect(last.status).toBe("completed");
      const found = await demo.results(sessionId);
      expect(found.ai_description_source).toBe("local");
      expect(found.ai_description).toMatch(/^A picture of 60 × 45 pixels/);
      expect(log.map(({ message }) => message)).toContain(
        "The describer failed; the local one takes its place.",
      );
      // It was really asked, with the key, which nobody else gets to see.
      expect(gemini.requests.map(({ key }) => key)).toEqual([KEY]);
      expect(JSON.stringify([found, log])).not.toContain(KEY);
    });
});
