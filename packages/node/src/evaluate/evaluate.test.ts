import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createMemoryCacheStore,
  type Decoder,
  type Encoder,
  float32Tensor,
  MaskeryError,
  type Prompt,
  Segmenter,
  type SegmenterOptions,
} from "@maskery/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNodePlatform } from "../platform.js";
import { chooseObjects, spreadEvenly } from "./choose-objects.js";
import { type EvaluateOptions, evaluate } from "./evaluate.js";
import { readLabelMap } from "./label-map.js";
import { readDataset } from "./read-dataset.js";
import { reportEvaluation, reportTable } from "./report.js";
import { readSelection } from "./selection.js";

const WIDTH = 40;
const HEIGHT = 30;

/** A box of whole pixels, `x1` and `y1` beyond the last ones. */
type Rectangle = readonly [x0: number, y0: number, x1: number, y1: number];

const LARGE: Rectangle = [2, 2, 22, 22];
const SMALL: Rectangle = [26, 4, 36, 14];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-evaluate-"));
  const labels = paint([
    [LARGE, 5],
    [SMALL, 9],
    [[0, 29, 1, 30], 200],
  ]);
  await writeLabels("shapes_one.0.png", labels);
  await writeLabels("shapes_one.1.png", paint([[SMALL, 1]]));
  await writeLabels("other_two.0.png", paint([[LARGE, 7]]));
  for (const name of ["shapes_one.jpg", "other_two.jpg"]) {
    const picture = sharp({
      create: { width: WIDTH, height: HEIGHT, channels: 3, background: name[0] === "s" ? "red" : "blue" },
    });
    await writeFile(join(folder, name), await picture.jpeg().toBuffer());
  }
  await writeFile(join(folder, "notes.txt"), "no picture");
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function paint(objects: readonly (readonly [Rectangle, number])[]): Uint8Array {
  const labels = new Uint8Array(WIDTH * HEIGHT);
  for (const [[x0, y0, x1, y1], value] of objects) {
    for (let y = y0; y < y1; y++) labels.fill(value, y * WIDTH + x0, y * WIDTH + x1);
  }
  return labels;
}

async function writeLabels(name: string, labels: Uint8Array, width = WIDTH): Promise<void> {
  const picture = sharp(labels, { raw: { width, height: labels.length / width, channels: 1 } }).toColourspace(
    "b-w",
  );
  await writeFile(join(folder, name), await picture.png().toBuffer());
}

/** A model that answers every prompt with the same rectangles and scores, at the picture's own resolution. */
function answering(
  candidates: readonly { rectangle: Rectangle; score: number }[],
  seen: Prompt[] = [],
  segmenterOptions: SegmenterOptions = {},
): Segmenter {
  const encoder: Encoder = {
    contractVersion: 1,
    modelFingerprint: "fake",
    device: "nowhere",
    encode: async ({ width, height }) => ({
      modelFingerprint: "fake",
      imageSize: { width, height },
      fit: { size: width, resizedWidth: width, resizedHeight: height, scaleX: 1, scaleY: 1 },
      tensors: { nothing: float32Tensor(new Float32Array(1), [1]) },
    }),
    dispose: async () => undefined,
  };
  const decoder: Decoder = {
    contractVersion: 1,
    modelFingerprint: "fake",
    device: "nowhere",
    abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: true },
    decode: async ({ imageSize: { width, height } }, prompts) => {
      seen.push(...prompts);
      const planes = candidates.map(({ rectangle }) => ({
        data: Float32Array.from(paint([[rectangle, 2]]), (value) => value - 1),
        width,
        height,
        scaleX: 1,
        scaleY: 1,
      }));
      return prompts.map(() => ({ planes, scores: candidates.map(({ score }) => score) }));
    },
    dispose: async () => undefined,
  };
  return new Segmenter({ model: "fake", encoder, decoder }, createNodePlatform(), segmenterOptions);
}

const options: EvaluateOptions = { clicks: 3, clickLimit: 6, feedback: true, box: true };
const largeOfOne = { image: "shapes_one.jpg", map: 0, value: 5 };
const protocol = { clicks: 3, clickLimit: 6, feedback: true, objects: "selection" } as const;

describe("readDataset", () => {
  it("pairs pictures with their label maps, in order of name and number", async () => {
    const images = await readDataset(folder);
    expect(
      images.map(({ name, source, labelMaps }) => [name, source, labelMaps.map(({ number }) => number)]),
    ).toEqual([
      ["other_two.jpg", "other", [0]],
      ["shapes_one.jpg", "shapes", [0, 1]],
    ]);
  });

  it("refuses a folder that is none, and one without labelled pictures", async () => {
    await expect(readDataset(join(folder, "missing"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    const empty = await mkdtemp(join(tmpdir(), "maskery-evaluate-"));
    await expect(readDataset(empty)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await rm(empty, { recursive: true });
  });
});

describe("readLabelMap", () => {
  it("keeps the numbers of 8 and 16 bits as they are stored", async () => {
    const labels = Uint16Array.from({ length: 12 }, (_, index) => index * 500);
    const bytes = await sharp(labels, { raw: { width: 4, height: 3, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer();
    const path = join(folder, "deep.9.png");
    await writeFile(path, bytes);
    expect(await readLabelMap(path)).toEqual({ width: 4, height: 3, labels: Uint32Array.from(labels) });
    const shallow = await readLabelMap(join(folder, "shapes_one.0.png"));
    expect([...new Set(shallow.labels)].sort((one, two) => one - two)).toEqual([0, 5, 9, 200]);
  });

  it("reads colours as numbers, black as unlabelled", async () => {
    const rgb = Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0, 3, 255, 0, 0);
    const path = join(folder, "colour.9.png");
    await writeFile(
      path,
      await sharp(rgb, { raw: { width: 4, height: 1, channels: 3 } })
        .png()
        .toBuffer(),
    );
    expect([...(await readLabelMap(path)).labels]).toEqual([0, 0xff0000, 3, 0xff0000]);
  });
});

describe("chooseObjects", () => {
  it("leaves specks out and takes one of each picture, or all of all label maps", async () => {
    const images = await readDataset(folder);
    const one = await chooseObjects(images, { objects: "one", maps: "first", seed: 3 });
    expect(one).toHaveLength(2);
    expect([5, 9]).toContain(one[1]!.value);
    const all = await chooseObjects(images, { objects: "all", maps: "all", seed: 3 });
    expect(all.map(({ map, value }) => [map, value])).toEqual([
      [0, 7],
      [0, 5],
      [0, 9],
      [1, 1],
    ]);
  });

  it("spreads a limit over the whole list", () => {
    expect(spreadEvenly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 8]);
    expect(spreadEvenly([1, 2], 5)).toEqual([1, 2]);
  });
});

describe("evaluate", () => {
  it("gives full marks to perfect masks after one click", async () => {
    const images = await readDataset(folder);
    const evaluation = await evaluate(
      answering([{ rectangle: LARGE, score: 0.9 }]),
      images,
      [largeOfOne],
      options,
    );
    const report = reportEvaluation(evaluation, { model: "fake", device: "nowhere" }, protocol);
    expect(report.all).toMatchObject({
      objects: 1,
      meanIou: [1, 1, 1],
      oracleIou: [1, 1, 1],
      boundaryF1: [1, 1, 1],
      numberOfClicks: {
        80: { clicks: 1, failures: 0 },
        85: { clicks: 1, failures: 0 },
        90: { clicks: 1, failures: 0 },
      },
      box: { meanIou: 1, oracleIou: 1, boundaryF1: 1 },
    });
    expect(report.all.calibration.best).toMatchObject({ predictions: 1, meanAbsoluteError: 0.1, bias: -0.1 });
    expect(Object.keys(report.sources)).toEqual(["shapes"]);
    expect(reportTable(report)).toContain("1 objects in 1 pictures, model fake on nowhere");
  });

  it("gives none to empty ones, and stops at the limit", async () => {
    const seen: Prompt[] = [];
    const images = await readDataset(folder);
    const segmenter = answering([{ rectangle: [0, 0, 0, 0], score: 0.2 }], seen);
    const evaluation = await evaluate(segmenter, images, [largeOfOne], { ...options, box: false });
    const { all } = reportEvaluation(evaluation, segmenter, protocol);
    expect(all).toMatchObject({
      meanIou: [0, 0, 0],
      boundaryF1: [0, 0, 0],
      numberOfClicks: { 80: { clicks: 6, failures: 1 }, 90: { clicks: 6, failures: 1 } },
    });
    expect(all.box).toBeUndefined();
    expect(seen).toHaveLength(6);
    expect(seen.every(({ points }) => points.every(({ label }) => label === 1))).toBe(true);
  });

  it("tells the best-scored mask from the best mask, and measures calibration", async () => {
    const half: Rectangle = [2, 2, 22, 12];
    const segmenter = answering([
      { rectangle: LARGE, score: 0.4 },
      { rectangle: half, score: 0.7 },
    ]);
    const evaluation = await evaluate(segmenter, await readDataset(folder), [largeOfOne], options);
    const { all } = reportEvaluation(evaluation, segmenter, protocol);
    expect(all.meanIou).toEqual([0.5, 0.5, 0.5]);
    expect(all.oracleIou).toEqual([1, 1, 1]);
    expect(all.calibration.best.meanAbsoluteError).toBeCloseTo(0.2);
    expect(all.calibration.candidates).toMatchObject({
      predictions: 6,
      correlation: -1,
      meanAbsoluteError: 0.4,
    });
    expect(all.box).toMatchObject({ meanIou: 0.5, oracleIou: 1 });
  });

  it("clicks where the error is, and gives the mask back only with feedback", async () => {
    const tooWide: Rectangle = [2, 2, 40, 22];
    const images = await readDataset(folder);
    for (const feedback of [true, false]) {
      const seen: Prompt[] = [];
      await evaluate(answering([{ rectangle: tooWide, score: 0.5 }], seen), images, [largeOfOne], {
        clicks: 2,
        clickLimit: 2,
        feedback,
        box: false,
      });
      expect(seen[1]!.points.map(({ label }) => label)).toEqual([1, 0]);
      expect(seen[1]!.points[1]!.x).toBeGreaterThanOrEqual(22);
      expect(seen.map(({ mask }) => mask !== undefined)).toEqual([false, feedback]);
    }
  });

  it("leaves it to the session to give the mask back, or not", async () => {
    const tooWide: Rectangle = [2, 2, 40, 22];
    const images = await readDataset(folder);
    for (const feedback of [true, false]) {
      const seen: Prompt[] = [];
      await evaluate(answering([{ rectangle: tooWide, score: 0.5 }], seen), images, [largeOfOne], {
        clicks: 2,
        clickLimit: 2,
        feedback,
        throughSession: true,
        box: false,
      });
      expect(seen.map(({ points }) => points.length)).toEqual([1, 2]);
      expect(seen.map(({ mask }) => mask !== undefined)).toEqual([false, feedback]);
    }
  });

  it("takes embeddings back from the store, where asked to", async () => {
    const store = createMemoryCacheStore({ maxBytes: 1_000_000 });
    const segmenter = answering([{ rectangle: LARGE, score: 1 }], [], {
      embeddingCache: { maxBytes: 0, stores: [store], storePrecision: "float16" },
    });
    const images = await readDataset(folder);
    await evaluate(segmenter, images, [largeOfOne], { ...options, fromStores: true });
    expect(await segmenter.cacheStats()).toMatchObject({
      embeddings: { encodes: 1, stores: [{ hits: 1, entries: 1 }] },
    });
  });

  it("skips label maps of another size, and says so", async () => {
    await writeLabels("other_two.3.png", new Uint8Array(100).fill(4), 10);
    const images = await readDataset(folder);
    const wrong = { image: "other_two.jpg", map: 3, value: 4 };
    const segmenter = answering([{ rectangle: LARGE, score: 1 }]);
    const evaluation = await evaluate(segmenter, images, [wrong, largeOfOne], options);
    expect(evaluation.objects).toHaveLength(1);
    expect(evaluation.skipped).toEqual([{ ...wrong, reason: "picture 40 × 30, label map 10 × 10" }]);
    await rm(join(folder, "other_two.3.png"));
  });

  it("names the picture at fault", async () => {
    const images = await readDataset(folder);
    const segmenter = answering([{ rectangle: LARGE, score: 1 }]);
    await expect(evaluate(segmenter, images, [{ ...largeOfOne, value: 77 }], options)).rejects.toThrow(
      "shapes_one.jpg: expected a value of label map 0, received 77",
    );
  });
});

describe("readSelection", () => {
  const write = async (value: unknown) => {
    const path = join(folder, "selection.json");
    await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  };

  it("takes a list, or a report that has one", async () => {
    const images = await readDataset(folder);
    expect(await readSelection(await write([{ image: "shapes_one.jpg", value: 5 }]), images)).toEqual([
      largeOfOne,
    ]);
    expect(await readSelection(await write({ objects: [{ ...largeOfOne, ious: [] }] }), images)).toEqual([
      largeOfOne,
    ]);
  });

  it.each([
    ["no JSON", "{", "expected JSON"],
    ["an empty list", [], "at least one object"],
    ["an unknown picture", [{ image: "none.jpg", value: 1 }], "--selection[0].image: expected"],
    [
      "an unknown label map",
      [{ ...largeOfOne, map: 8 }],
      "--selection[0].map: expected a label map of shapes_one.jpg: 0, 1",
    ],
    ["no value", [{ image: "shapes_one.jpg" }], "--selection[0].value: expected"],
    ["something else", 5, "a list of objects"],
  ])("refuses %s", async (_name, value, message) => {
    const error: unknown = await readSelection(await write(value), await readDataset(folder)).catch(
      (caught) => caught,
    );
    expect(MaskeryError.is(error)).toBe(true);
    expect((error as Error).message).toContain(message);
  });
});
