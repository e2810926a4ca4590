import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CreateSegmenterOptions,
  createMemoryCacheStore,
  createSegmenter,
  type ImageSource,
  type PromptInput,
  type Segmenter,
} from "@maskery/node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const builtIn = fileURLToPath(new URL("../../model-nano", import.meta.url));
const CLICK = [{ x: 20, y: 15 }];

let folder: string;
let bytes: Buffer;
const store = createMemoryCacheStore({ maxBytes: 1_000_000_000 });
let segmenter: Segmenter;

/** A picture of noise, so that a single pixel survives lossless encoding and nothing else looks like it. */
const pixels = Uint8Array.from({ length: 40 * 30 * 4 }, (_, index) =>
  index % 4 === 3 ? 255 : (index * 7919 + ((index * index) >> 3)) & 255,
);
const asPng = (data: Uint8Array) =>
  sharp(data, { raw: { width: 40, height: 30, channels: 4 } })
    .png()
    .toBuffer();

/** A segmenter whose only common ground with the others is the store. */
const open = (options: CreateSegmenterOptions = {}) =>
  createSegmenter({ ...options, embeddingCache: { stores: [store], ...options.embeddingCache } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-keys-"));
  bytes = await asPng(pixels);
  await writeFile(join(folder, "picture.png"), bytes);
  segmenter = await open();
  await segmenter.prewarm([bytes]);
  await segmenter.segment(bytes, CLICK);
});

afterAll(async () => {
  await segmenter.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe("the same picture is known", () => {
  const sources: readonly (readonly [what: string, source: () => ImageSource | Promise<ImageSource>])[] = [
    ["from a file", () => join(folder, "picture.png")],
    ["from a file URL", () => pathToFileURL(join(folder, "picture.png"))],
    ["from a file that was read again", () => readFile(join(folder, "picture.png"))],
    [
      "from a copy under another name",
      async () => {
        await copyFile(join(folder, "picture.png"), join(folder, "copy.of.it"));
        return join(folder, "copy.of.it");
      },
    ],
    ["from a data URL", () => `data:image/png;base64,${bytes.toString("base64")}`],
    ["from a buffer", () => bytes],
    [
      "from a part of a larger buffer",
      () => Buffer.concat([Buffer.alloc(9), bytes, bytes]).subarray(9, 9 + bytes.length),
    ],
    ["from an ArrayBuffer", () => new Uint8Array(bytes).buffer],
    ["from a Blob", () => new Blob([new Uint8Array(bytes)])],
    ["from a Node stream", () => createReadStream(join(folder, "picture.png"), { highWaterMark: 100 })],
    ["from a web stream", () => new Blob([new Uint8Array(bytes)]).stream()],
  ];

  it.each(sources)("%s", async (_what, source) => {
    const before = (await segmenter.cacheStats()).embeddings.encodes;
    expect(await segmenter.segment(await source(), CLICK)).toMatchObject({ cached: true, imageCached: true });
    expect((await segmenter.cacheStats()).embeddings.encodes).toBe(before);
  });

  it("to another process, by the store alone", async () => {
    const later = await open();
    expect(await later.segment(bytes, CLICK)).toMatchObject({ cached: false, imageCached: true });
    expect((await later.cacheStats()).embeddings).toMatchObject({ encodes: 0, memory: { misses: 1 } });
    await later.dispose();
  });
});

describe("another picture is not", () => {
  it("with one changed pixel, encoded or not", async () => {
    const changed = pixels.slice();
    changed[4 * 617] = changed[4 * 617]! ^ 1;
    await segmenter.segment({ width: 40, height: 30, data: pixels }, CLICK);
    const strangers: ImageSource[] = [await asPng(changed), { width: 40, height: 30, data: changed }];
    for (const image of strangers)
      expect(await segmenter.segment(image, CLICK)).toMatchObject({ cached: false, imageCached: false });
  });

  it("with the same pixels in another shape", async () => {
    await segmenter.segment({ width: 40, height: 30, data: pixels }, CLICK);
    const turned = { width: 30, height: 40, data: pixels };
    expect(await segmenter.segment(turned, CLICK)).toMatchObject({ cached: false, imageCached: false });
  });
});

describe("an embedding is not shared", () => {
  const encodesOf = async (options: CreateSegmenterOptions) => {
    const other = await open(options);
    await other.segment(bytes, CLICK);
    const { encodes } = (await other.cacheStats()).embeddings;
    await other.dispose();
    return encodes;
  };

  it("with another model, another precision, or other preprocessing; with a copy of the model it is", async () => {
    const spec = JSON.parse(await readFile(join(builtIn, "maskery.json"), "utf8"));
    const encoder = await readFile(join(builtIn, "encoder.onnx"));
    // One more doc_string (ModelProto, field 6): a graph of other bytes that works the same.
    const otherEncoder = Buffer.concat([encoder, Buffer.from([0x32, 0x01, 0x78])]);
    const otherFile = {
      ...spec.files.encoder,
      bytes: otherEncoder.length,
      sha256: createHash("sha256").update(otherEncoder).digest("hex"),
    };
    const make = async (name: string, changes: object, weights: Buffer = encoder) => {
      const model = join(folder, name);
      await mkdir(model);
      await writeFile(join(model, "maskery.json"), JSON.stringify({ ...spec, ...changes }));
      await writeFile(join(model, "encoder.onnx"), weights);
      await copyFile(join(builtIn, "decoder.onnx"), join(model, "decoder.onnx"));
      return model;
    };
    expect(await encodesOf({ model: await make("copy", { id: "renamed" }) })).toBe(0);
    const files = { ...spec.files, encoder: otherFile };
    expect(await encodesOf({ model: await make("other", { files }, otherEncoder) })).toBe(1);
    const precision = { encoder: "fp16", decoder: "fp32" };
    expect(await encodesOf({ model: await make("precise", { precision }) })).toBe(1);
    const image = { ...spec.image, mean: [120, 120, 120] };
    expect(await encodesOf({ model: await make("prepared", { image }) })).toBe(1);
  });

  it("between tenants", async () => {
    expect(await encodesOf({ namespace: "tenant 1" })).toBe(1);
    expect(await encodesOf({ namespace: "tenant 1" })).toBe(0);
    expect(await encodesOf({ namespace: "tenant 2" })).toBe(1);
    expect(await encodesOf({})).toBe(0);
  });
});

describe("masks are not shared", () => {
  it("between prompts that differ in anything", async () => {
    const known = (await segmenter.segment(bytes, CLICK)).best;
    const prompts: PromptInput[] = [
      [{ x: 20, y: 15.5 }],
      [{ x: 20, y: 15, label: 0 }],
      [
        { x: 20, y: 15 },
        { x: 1, y: 1 },
      ],
      { points: CLICK, box: { x0: 0, y0: 0, x1: 30, y1: 20 } },
      { box: { x0: 0, y0: 0, x1: 30, y1: 20 } },
      { points: CLICK, mask: known },
      { points: CLICK, mask: known.invert() },
    ];
    for (const [index, prompt] of prompts.entries()) {
      expect(await segmenter.segment(bytes, prompt), `prompt ${index}`).toMatchObject({
        cached: false,
        imageCached: true,
      });
      expect(await segmenter.segment(bytes, prompt), `prompt ${index}, again`).toMatchObject({
        cached: true,
      });
    }
  });

  it("however a prompt is written, it is the same", async () => {
    const same: PromptInput[] = [CLICK, { points: CLICK }, [{ x: 20, y: 15, label: 1 }]];
    for (const prompt of same) expect(await segmenter.segment(bytes, prompt)).toMatchObject({ cached: true });
    await segmenter.segment(bytes, { box: { x0: 2, y0: 3, x1: 12, y1: 13 } });
    expect(await segmenter.segment(bytes, { box: { x: 2, y: 3, width: 10, height: 10 } })).toMatchObject({
      cached: true,
    });
    await segmenter.segment(bytes, [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ]);
    expect(
      await segmenter.segment(bytes, [
        { x: 3, y: 4 },
        { x: 1, y: 2 },
      ]),
    ).toMatchObject({ cached: true });
  });

  it("beyond their time", async () => {
    const forgetful = await open({ resultCache: { timeToLiveMs: 40 } });
    await forgetful.segment(bytes, CLICK);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await forgetful.segment(bytes, CLICK)).toMatchObject({ cached: false, imageCached: true });
    expect((await forgetful.cacheStats()).results).toMatchObject({ hits: 0, misses: 2, evictions: 1 });
    await forgetful.dispose();
  });
});

describe("bounds of caches", () => {
  it.each([
    [{ embeddingCache: { maxBytes: -1 } }, "embeddingCache.maxBytes"],
    [{ resultCache: { maxBytes: 1.5 } }, "resultCache.maxBytes"],
    [{ resultCache: { timeToLiveMs: Number.NaN } }, "resultCache.timeToLiveMs"],
    [{ descriptionCache: { maxBytes: "1" as unknown as number } }, "descriptionCache.maxBytes"],
  ] as const)("%j is refused", async (options, field) => {
    await expect(createSegmenter(options)).rejects.toMatchObject({ code: "INVALID_INPUT", field });
  });
});
