import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fourShapes, sam2SamexporterModel } from "@maskery/core/testing";
import {
  createModelPool,
  createNodePlatform,
  createSegmenter,
  type Mask,
  type ModelPlacement,
  ModelPool,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { builtInModelFolder } from "../src/built-in-model.js";
import { photo } from "./cli-process.js";

const cat = photo("chelsea.png");
const click = [{ x: 225, y: 120 }];

let folder: string;
let expected: Mask;
/** What the built-in model and the drawn one are reckoned with. */
let nanoBytes: number;
let coloursBytes: number;
const pools: ModelPool[] = [];
const reckoned = (weightBytes: number) => Math.ceil(1.2 * weightBytes);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-pool-"));
  const nano = JSON.parse(await readFile(join(builtInModelFolder(), "maskery.json"), "utf8"));
  nanoBytes = reckoned(nano.files.encoder.bytes) + reckoned(nano.files.decoder.bytes);
  for (const id of ["one", "two"]) {
    await cp(builtInModelFolder(), join(folder, id), { recursive: true });
    await writeFile(join(folder, id, "maskery.json"), JSON.stringify({ ...nano, id }));
  }
  const { spec, encoder, decoder } = sam2SamexporterModel();
  await mkdir(join(folder, "colours"));
  await writeFile(join(folder, "colours", "maskery.json"), JSON.stringify(spec));
  await writeFile(join(folder, "colours", spec.files.encoder.name), encoder);
  await writeFile(join(folder, "colours", spec.files.decoder.name), decoder);
  coloursBytes = reckoned(encoder.length) + reckoned(decoder.length);
  const alone = await createSegmenter({ device: "cpu" });
  expected = (await alone.segment(cat, click)).best;
  await alone.dispose();
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.dispose()));
});

function pool(options: { readonly memoryBudgetBytes?: number } = {}): ModelPool {
  const uncached = { device: "cpu", embeddingCache: { maxBytes: 0 }, resultCache: { maxBytes: 0 } } as const;
  const made = createModelPool({
    models: {
      one: { model: join(folder, "one"), ...uncached },
      two: { model: join(folder, "two"), ...uncached },
      colours: { model: join(folder, "colours"), ...uncached },
    },
    ...options,
  });
  pools.push(made);
  return made;
}

const statuses = (of: ModelPool) => Object.fromEntries(of.list().map(({ id, status }) => [id, status]));

describe("a pool of models", () => {
  test("answers with each model what it answers alone, and says what is loaded", async () => {
    const models = pool();
    expect(statuses(models)).toEqual({ one: "unloaded", two: "unloaded", colours: "unloaded" });
    const shapes = fourShapes("landscape", 300, 200);
    const [one, two, colours] = await Promise.all(
      ["one", "two", "colours"].map((id) => models.segmenter(id)),
    );
    const { prompt, truth } = shapes.prompts[0]!;
    const [first, second, third] = await Promise.all([
      one!.segment(cat, click),
      two!.segment(cat, click),
      colours!.segment(shapes.picture.image, prompt),
    ]);
    expect(first.best.iou(expected)).toBe(1);
    expect(second.best.iou(expected)).toBe(1);
    expect(third.best.iou(truth)).toBeGreaterThan(0.95);
    expect([first.model, second.model]).toEqual(["one", "two"]);
    const now = Date.now();
    for (const info of models.list()) {
      expect(info).toMatchObject({ status: "ready", device: "cpu", uses: 0, reason: undefined });
      expect(Math.abs(now - info.lastUsed!)).toBeLessThan(60_000);
    }
    expect(models.list().map(({ estimatedBytes }) => estimatedBytes)).toEqual([
      nanoBytes,
      nanoBytes,
      coloursBytes,
    ]);
    expect(await models.segmenter("one")).toBe(one);
  });

  test("reckons weights in half precision with what the processor makes of them", async () => {
    const halved = join(folder, "halved");
    await cp(join(folder, "colours"), halved, { recursive: true });
    const spec = JSON.parse(await readFile(join(halved, "maskery.json"), "utf8"));
    const precision = { encoder: "fp16", decoder: "fp32" };
    await writeFile(join(halved, "maskery.json"), JSON.stringify({ ...spec, precision }));
    const models = createModelPool({ models: { halved: { model: halved, device: "cpu" } } });
    pools.push(models);
    await models.load("halved");
    const [encoder, decoder] = await Promise.all(
      [spec.files.encoder, spec.files.decoder].map(async ({ name }) => (await stat(join(halved, name))).size),
    );
    expect(models.list()[0]!.estimatedBytes).toBe(3 * encoder! + reckoned(decoder!));
    expect(models.estimatedBytes).toBe(models.list()[0]!.estimatedBytes);
  });

  test("unloads the longest unused within its budget, and brings it back by the next call", async () => {
    const models = pool({ memoryBudgetBytes: 2 * nanoBytes });
    const [one, two] = [await models.segmenter("one"), await models.segmenter("two")];
    // `one` is used last, so `two` has to go.
    await one.segment(cat, click);
    const colours = await models.segmenter("colours");
    expect(statuses(models)).toEqual({ one: "ready", two: "unloaded", colours: "ready" });
    expect(models.list()[1]).toMatchObject({ estimatedBytes: 0, device: "cpu" });
    expect((await two.segment(cat, click)).best.iou(expected)).toBe(1);
    expect(statuses(models)).toEqual({ one: "unloaded", two: "ready", colours: "ready" });
    const session = await one.open(cat);
    expect((await session.segment(click)).best.iou(expected)).toBe(1);
    await models.unload("one");
    expect((await session.segment(click)).best.iou(expected)).toBe(1);
    expect(colours.model).toContain("colours");
    expect(models.estimatedBytes).toBeLessThanOrEqual(2 * nanoBytes);
  });

  test("never unloads a model in use: the other one waits", async () => {
    const models = pool({ memoryBudgetBytes: nanoBytes });
    const one = await models.segmenter("one");
    const order: string[] = [];
    const busy = Promise.all([one.segment(cat, click), one.segment(photo("coffee.png"), click)]).then(
      (results) => {
        order.push("one");
        return results;
      },
    );
    while (models.list()[0]!.uses === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    let mostBytes = 0;
    const watch = setInterval(() => {
      mostBytes = Math.max(mostBytes, models.estimatedBytes);
    }, 1);
    const two = await models.segmenter("two").then((segmenter) => {
      order.push("two");
      return segmenter;
    });
    clearInterval(watch);
    expect((await busy)[0]!.best.iou(expected)).toBe(1);
    expect(mostBytes).toBeLessThanOrEqual(nanoBytes);
    expect((await two.segment(cat, click)).best.iou(expected)).toBe(1);
    expect(statuses(models)).toMatchObject({ one: "unloaded", two: "ready" });
  });

  test("keeps cached work over an unload", async () => {
    const models = createModelPool({ models: { one: { model: join(folder, "one"), device: "cpu" } } });
    pools.push(models);
    const one = await models.segmenter("one");
    await one.segment(cat, click);
    await models.unload("one");
    const again = await one.segment(cat, click);
    expect(again).toMatchObject({ cached: true, imageCached: true });
    expect(statuses(models)).toEqual({ one: "unloaded" });
  });

  test("tells unknown ids, models beyond the budget and failures, and tries those again", async () => {
    const models = pool({ memoryBudgetBytes: nanoBytes - 1 });
    await expect(models.segmenter("three")).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      field: "model",
    });
    await expect(models.load("one")).rejects.toMatchObject({ code: "OUT_OF_MEMORY" });
    expect(models.list()[0]).toMatchObject({ status: "failed", estimatedBytes: 0 });
    expect(models.list()[0]!.reason).toContain(String(nanoBytes));

    const later = createModelPool({ models: { late: { model: join(folder, "late") } } });
    pools.push(later);
    await expect(later.load("late")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
    await cp(join(folder, "one"), join(folder, "late"), { recursive: true });
    expect((await stat(join(folder, "late", "maskery.json"))).isFile()).toBe(true);
    await later.load("late");
    expect(later.list()[0]).toMatchObject({ status: "ready", reason: undefined });
    await later.dispose();
    await expect(later.load("late")).rejects.toMatchObject({ code: "DISPOSED" });
    expect(() => pool({ memoryBudgetBytes: 0 })).toThrow(/memoryBudgetBytes/);
  });
});

describe("loading", () => {
  /** A model that loads when told, over a placement that does nothing. */
  function source() {
    const loads: { finish(device?: string): void; fail(error: Error): void; signal: AbortSignal }[] = [];
    let disposals = 0;
    const half = { contractVersion: 1, modelFingerprint: "m", device: "cpu" } as const;
    const dispose = async () => {
      disposals++;
    };
    const placement: ModelPlacement = {
      model: "m",
      encoder: { ...half, encode: () => Promise.reject(new Error("unused")), dispose },
      decoder: {
        ...half,
        abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: true },
        decode: async () => [],
        dispose,
      },
    };
    const models = new ModelPool(
      {
        m: {
          prepare: async () => ({
            estimatedBytes: 10,
            load: ({ signal }) =>
              new Promise((resolve, reject) => {
                signal!.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
                const onDevice = (device: string): ModelPlacement => ({
                  ...placement,
                  encoder: {
                    ...placement.encoder,
                    device,
                    deviceReport: { wanted: "auto", taken: device, trials: [] },
                  },
                });
                loads.push({
                  finish: (device) => resolve(device === undefined ? placement : onDevice(device)),
                  fail: reject,
                  signal: signal!,
                });
              }),
          }),
        },
      },
      createNodePlatform(),
    );
    pools.push(models);
    const loading = async (count: number) => {
      while (loads.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
      return loads[count - 1]!;
    };
    return { models, loads, loading, disposals: () => disposals };
  }

  test("is shared by those who ask meanwhile", async () => {
    const { models, loads, loading } = source();
    const asked = [models.load("m"), models.segmenter("m"), models.load("m")];
    const load = await loading(1);
    expect(models.list()[0]).toMatchObject({ status: "loading", uses: 3 });
    load.finish();
    await Promise.all(asked);
    expect(loads).toHaveLength(1);
  });

  test("ends with the last who waits, and another may begin at once", async () => {
    const { models, loading, loads } = source();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = models.load("m", { signal: one.signal });
    const second = models.load("m", { signal: two.signal });
    const load = await loading(1);
    one.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect(load.signal.aborted).toBe(false);
    two.abort();
    await expect(second).rejects.toMatchObject({ code: "ABORTED" });
    expect(load.signal.aborted).toBe(true);
    const third = models.load("m");
    (await loading(2)).finish();
    await third;
    expect(loads).toHaveLength(2);
    expect(models.list()[0]).toMatchObject({ status: "ready", estimatedBytes: 10 });
  });

  test("may end on another device than the last time, which the segmenter then tells", async () => {
    const { models, loading } = source();
    const asked = models.segmenter("m");
    (await loading(1)).finish();
    const segmenter = await asked;
    expect([segmenter.device, models.list()[0]!.device]).toEqual(["cpu", "cpu"]);
    expect(segmenter.deviceReport).toEqual({});
    await models.unload("m");
    const again = models.load("m");
    (await loading(2)).finish("cuda");
    await again;
    expect([segmenter.device, models.list()[0]!.device]).toEqual(["cuda + cpu", "cuda + cpu"]);
    expect(segmenter.deviceReport).toMatchObject({ encoder: { taken: "cuda" } });
  });

  test("that ends after the pool was disposed leaves nothing behind", async () => {
    const { models, loading, disposals } = source();
    const asked = models.load("m");
    const load = await loading(1);
    const disposed = models.dispose();
    load.finish();
    await expect(asked).rejects.toMatchObject({ code: "DISPOSED" });
    await disposed;
    expect(disposals()).toBe(2);
    expect(models.estimatedBytes).toBe(0);
  });
});
