import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ClassGraphModel,
  type ForegroundGraphModel,
  fourShapes,
  rmbgModel,
  segformerModel,
  yoloModel,
} from "@maskery/core/testing";
import { type CacheEvent, type CreateSegmenterOptions, createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;
let segmenter: Segmenter;
const named = segformerModel();
const subject = rmbgModel();
const { image } = fourShapes("remembered", 120, 90).picture;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-remembered-"));
  segmenter = await open();
});
afterAll(async () => {
  await segmenter.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function writeModel({ spec, model }: ClassGraphModel | ForegroundGraphModel): Promise<string> {
  const path = await mkdtemp(join(folder, "model-"));
  await writeFile(join(path, "maskery.json"), JSON.stringify(spec));
  await writeFile(join(path, "model.onnx"), model);
  return path;
}

const open = async (options: CreateSegmenterOptions = {}, model: ClassGraphModel = named) =>
  createSegmenter({
    device: "cpu",
    classModel: await writeModel(model),
    foregroundModel: await writeModel(subject),
    ...options,
  });

/** One pixel is another by the least that a picture can tell. */
function changedImage() {
  const data = image.data.slice();
  data[4 * 77] = data[4 * 77]! ^ 1;
  return { ...image, data };
}

/** The key under which a call looks for its result. */
async function keyOf(one: Segmenter, ask: (segmenter: Segmenter) => Promise<unknown>): Promise<string> {
  const events: CacheEvent[] = [];
  const stop = one.onCacheEvent((event) => events.push(event));
  await ask(one);
  stop();
  const keys = events.filter(({ cache, type }) => cache === "result" && (type === "miss" || type === "hit"));
  expect(keys).toHaveLength(1);
  return keys[0]!.key;
}

describe("classes", () => {
  test("are remembered: the same segments, and no model runs", async () => {
    const first = await segmenter.classes(image);
    expect(first).toMatchObject({ source: "classes", cached: false, isComplete: true });
    const { hits } = (await segmenter.cacheStats()).results;
    const progress: number[] = [];
    const again = await segmenter.classes(image, { onProgress: (fraction) => progress.push(fraction) });
    expect(again).toMatchObject({ source: "classes", cached: true, model: first.model, image: first.image });
    expect(again.segments).toEqual(first.segments);
    expect(progress).toEqual([1]);
    expect((await segmenter.cacheStats()).results.hits).toBe(hits + 1);
    const session = await segmenter.open(image);
    expect(await session.classes()).toMatchObject({ cached: true });
    await session.dispose();
  });

  test("size and number are chosen among what is remembered", async () => {
    const { segments } = await segmenter.classes(image);
    const largest = await segmenter.classes(image, { maxSegments: 1 });
    expect(largest).toMatchObject({ cached: true, segments: [{ class: segments[0]!.class }] });
    const large = await segmenter.classes(image, { minAreaPixels: segments.at(-1)!.area + 1 });
    expect(large.cached).toBe(true);
    expect(large.segments).toHaveLength(segments.length - 1);
  });

  test("another picture, if only by one pixel, and another confidence are asked anew", async () => {
    expect(await segmenter.classes(changedImage())).toMatchObject({ cached: false });
    expect(await segmenter.classes(image, { minConfidence: 0.5 })).toMatchObject({ cached: false });
    expect(await segmenter.classes(image, { minConfidence: 0.5 })).toMatchObject({ cached: true });
    expect(await segmenter.classes(image, { minConfidence: 0.6 })).toMatchObject({ cached: false });
  });

  test("models, readings of them and tenants have keys of their own", async () => {
    const ask = (one: Segmenter) => one.classes(image);
    const key = await keyOf(segmenter, ask);
    const keyWith = async (options: CreateSegmenterOptions, model?: ClassGraphModel) => {
      const other = await open(options, model);
      try {
        return await keyOf(other, ask);
      } finally {
        await other.dispose();
      }
    };
    // The files lie elsewhere, and that is all.
    expect(await keyWith({})).toBe(key);
    const labels = Array.from({ length: 150 }, (_, index) => `class ${index}`);
    const others = [
      await keyWith({ namespace: "tenant 1" }),
      await keyWith({ namespace: "tenant 2" }),
      await keyWith({}, { ...named, spec: { ...named.spec, version: "2" } }),
      await keyWith({}, { ...named, spec: { ...named.spec, labels } }),
      await keyWith({}, { ...named, spec: { ...named.spec, precision: { model: "fp16" } } }),
      await keyWith({}, yoloModel("raw")),
    ];
    expect(new Set([key, ...others]).size).toBe(others.length + 1);
  });

  test("callers who ask at the same time share one run", async () => {
    const other = { ...image, data: image.data.map((value, index) => (index % 4 === 3 ? 255 : 255 - value)) };
    const [one, two] = await Promise.all([segmenter.classes(other), segmenter.classes(other)]);
    expect([one.cached, two.cached]).toEqual([false, false]);
    // The very masks of one run.
    expect(two.segments.map(({ mask }) => mask)).toEqual(one.segments.map(({ mask }) => mask));
    one.segments.forEach(({ mask }, index) => expect(two.segments[index]!.mask).toBe(mask));
  });

  test("an emptied cache has forgotten them", async () => {
    await segmenter.classes(image);
    await segmenter.clearCache();
    expect(await segmenter.classes(image)).toMatchObject({ cached: false });
    const forgetful = await open({ resultCache: { maxBytes: 0 } });
    try {
      for (const cached of [false, false]) expect(await forgetful.classes(image)).toMatchObject({ cached });
    } finally {
      await forgetful.dispose();
    }
  });
});

describe("automatic classes", () => {
  test("are remembered by the options of the search", async () => {
    const plain = await createSegmenter({ device: "cpu" });
    try {
      const everything = { pointsPerSide: 2, predIouThresh: 0.1, stabilityScoreThresh: 0.1 };
      const first = await plain.classes(image, { everything });
      expect(first).toMatchObject({ source: "automatic", cached: false, isComplete: true });
      expect(first.segments.length).toBeGreaterThan(0);
      const again = await plain.classes(image, { everything: { ...everything }, minConfidence: 0 });
      expect(again.cached).toBe(true);
      expect(again.segments).toEqual(first.segments);
      // Defaults that are spelt out are no other question; anything else is.
      expect(await plain.classes(image, { everything: { ...everything, boxNmsThresh: 0.7 } })).toMatchObject({
        cached: true,
      });
      for (const change of [{ pointsPerSide: 1 }, { predIouThresh: 0.2 }, { multimaskOutput: false }])
        expect(await plain.classes(image, { everything: { ...everything, ...change } })).toMatchObject({
          cached: false,
        });
      expect(await plain.classes(changedImage(), { everything })).toMatchObject({ cached: false });
    } finally {
      await plain.dispose();
    }
  });

  test("a search that was ended early is not", async () => {
    const plain = await createSegmenter({ device: "cpu" });
    try {
      const everything = { pointsPerSide: 6, pointsPerBatch: 4, finishSignal: AbortSignal.abort() };
      for (const cached of [false, false])
        expect(await plain.classes(image, { everything })).toMatchObject({ cached, isComplete: false });
      const { finishSignal: _, ...whole } = everything;
      expect(await plain.classes(image, { everything: whole })).toMatchObject({
        cached: false,
        isComplete: true,
      });
      // The whole answer is better than half of it.
      expect(await plain.classes(image, { everything })).toMatchObject({ cached: true, isComplete: true });
    } finally {
      await plain.dispose();
    }
  });
});

describe("the foreground", () => {
  test("is remembered by picture and threshold", async () => {
    const first = await segmenter.foreground(image);
    expect(first.cached).toBe(false);
    const again = await segmenter.foreground(image, { threshold: 128 });
    expect(again).toMatchObject({ cached: true, model: first.model, device: "cpu" });
    expect(again.mask.iou(first.mask)).toBe(1);
    expect(again.alpha).toEqual(first.alpha);
    expect(await segmenter.foreground(image, { threshold: 10 })).toMatchObject({ cached: false });
    expect(await segmenter.foreground(changedImage())).toMatchObject({ cached: false });
    // The soft edge counts: a byte for each pixel.
    expect((await segmenter.cacheStats()).results.bytes).toBeGreaterThan(3 * image.width * image.height);
  });
});

test("the report on devices names the models of both tasks once they are loaded", async () => {
  const fresh = await open();
  try {
    expect(Object.keys(fresh.deviceReport).sort()).toEqual(["decoder", "encoder"]);
    await fresh.classes(image);
    const taken = { wanted: "cpu", taken: "cpu", trials: [{ device: "cpu", outcome: "taken" }] };
    expect(fresh.deviceReport.classes).toMatchObject(taken);
    expect(fresh.deviceReport.foreground).toBeUndefined();
    await fresh.foreground(image);
    expect(fresh.deviceReport.foreground).toMatchObject(taken);
  } finally {
    await fresh.dispose();
  }
  expect(Object.keys(fresh.deviceReport).sort()).toEqual(["decoder", "encoder"]);
});
