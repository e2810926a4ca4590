import { type Describer, Mask, type RgbaImage } from "@maskery/core";
import { describeDescriber } from "@maskery/core/testing";
import sharp from "sharp";
import { afterEach, describe, expect, it } from "vitest";
import type { GeminiDescriberOptions } from "./gemini-options.js";
import { type GeminiReply, startGeminiServer } from "./gemini-server.test-support.js";
import { createGenAiDescriber } from "./genai-describer.js";
import { createGeminiDescriber } from "./generative-ai-describer.js";

const makers: Readonly<Record<string, (options: GeminiDescriberOptions) => Describer>> = {
  "@google/generative-ai": createGeminiDescriber,
  "@google/genai": createGenAiDescriber,
};

const image: RgbaImage = { width: 300, height: 200, data: new Uint8Array(300 * 200 * 4).fill(200) };
const masks = [
  {
    mask: Mask.fromPolygons(
      [
        [
          { x: 10, y: 10 },
          { x: 100, y: 10 },
          { x: 100, y: 90 },
        ],
      ].map((outer) => ({ outer, holes: [] })),
      300,
      200,
    ),
    name: "sail",
  },
];

const servers: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(...replies: GeminiReply[]) {
  const server = await startGeminiServer(replies);
  servers.push(server);
  return server;
}

for (const [library, make] of Object.entries(makers)) {
  describe(`Gemini through ${library}`, () => {
    const describer = (baseUrl: string, options: GeminiDescriberOptions = {}) =>
      make({ apiKey: "test-key", baseUrl, ...options });

    describeDescriber(library, async () => describer((await serve({ text: "A sail on the sea." })).baseUrl));

    it("sends key, model, prompt, safety settings and a picture within the bound", async () => {
      const server = await serve({ text: "A sail." });
      const settings = [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_ONLY_HIGH" }];
      const description = await describer(server.baseUrl, {
        model: "gemini-test",
        prompt: "What is it?",
        safetySettings: settings,
        maxImageSidePixels: 90,
      }).describe(image, masks);
      expect(description.text).toBe("A sail.");
      const [request] = server.requests;
      expect(request!.path).toContain("/v1beta/models/gemini-test:generateContent");
      expect(request!.key).toBe("test-key");
      expect(request!.body.safetySettings).toEqual(settings);
      const { parts } = request!.body.contents[0]!;
      expect(parts[0]!.text).toContain("What is it?");
      expect(parts[0]!.text).toContain("1. sail");
      const { mimeType, data } = parts[1]!.inlineData!;
      expect(mimeType).toBe("image/jpeg");
      expect(await sharp(Buffer.from(data, "base64")).metadata()).toMatchObject({ width: 90, height: 60 });
    });

    it("asks again after 429 and 500", async () => {
      const server = await serve({ status: 429 }, { status: 500 }, { text: "At last." });
      expect((await describer(server.baseUrl).describe(image, masks)).text).toBe("At last.");
      expect(server.requests).toHaveLength(3);
    });

    it("gives up with a typed error", async () => {
      const busy = await serve({ status: 429 });
      await expect(describer(busy.baseUrl, { maxAttempts: 2 }).describe(image, [])).rejects.toMatchObject({
        code: "RATE_LIMITED",
      });
      expect(busy.requests).toHaveLength(2);
      const broken = await serve({ status: 500 });
      await expect(describer(broken.baseUrl, { maxAttempts: 1 }).describe(image, [])).rejects.toMatchObject({
        code: "UPSTREAM_FAILED",
      });
      const refusing = await serve({ status: 403 });
      await expect(describer(refusing.baseUrl).describe(image, [])).rejects.toMatchObject({
        code: "UNAUTHORIZED",
      });
      expect(refusing.requests).toHaveLength(1);
    });

    it("says that an answer was blocked", async () => {
      const server = await serve({ blocked: "SAFETY" });
      await expect(describer(server.baseUrl).describe(image, [])).rejects.toMatchObject({
        code: "UPSTREAM_FAILED",
        message: expect.stringContaining("SAFETY"),
      });
      expect(server.requests).toHaveLength(1);
    });

    it("takes malformed JSON for a failure of the service", async () => {
      const server = await serve({ raw: "{not json" });
      await expect(describer(server.baseUrl, { maxAttempts: 1 }).describe(image, [])).rejects.toMatchObject({
        code: "UPSTREAM_FAILED",
      });
    });

    it("cuts a very long text and takes markup out", async () => {
      const server = await serve({ text: `<script>alert(1)</script>**Sea** ${"wave ".repeat(5000)}` });
      const { text } = await describer(server.baseUrl, { maxTextLength: 300 }).describe(image, []);
      expect(text.length).toBeLessThanOrEqual(300);
      expect(text.startsWith("alert(1)Sea wave wave")).toBe(true);
      expect(text.endsWith("wave…")).toBe(true);
    });

    it("stops at its time, and at the caller's signal", async () => {
      const server = await serve("silence");
      await expect(describer(server.baseUrl, { timeoutMs: 300 }).describe(image, [])).rejects.toMatchObject({
        code: "TIMEOUT",
      });
      const caller = new AbortController();
      const call = describer(server.baseUrl).describe(image, [], { signal: caller.signal });
      setTimeout(() => caller.abort(), 100);
      await expect(call).rejects.toMatchObject({ code: "ABORTED" });
    });

    it("wants a key", () => {
      const kept = { ...process.env };
      delete process.env["GEMINI_API_KEY"];
      delete process.env["GOOGLE_API_KEY"];
      try {
        expect(() => make({})).toThrow(expect.objectContaining({ code: "INVALID_INPUT", field: "apiKey" }));
      } finally {
        Object.assign(process.env, kept);
      }
    });
  });
}
