import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeClassModel } from "@maskery/core/classes";
import {
  type ClassGraphModel,
  type ForegroundGraphModel,
  fourShapes,
  oneGraphStore,
  rmbgModel,
  segformerModel,
  torchvisionModel,
  yoloModel,
} from "@maskery/core/testing";
import { createOnnxRuntime, createSegmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-classes-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function writeModel({ spec, model }: ClassGraphModel | ForegroundGraphModel): Promise<string> {
  const path = await mkdtemp(join(folder, "model-"));
  await writeFile(join(path, "maskery.json"), JSON.stringify(spec));
  await writeFile(join(path, "model.onnx"), model);
  return path;
}

const { picture } = fourShapes("segmenter", 240, 160);

describe("a segmenter with models for classes and foreground", () => {
  test("names what it finds, and tells the subject from the background", async () => {
    const segmenter = await createSegmenter({
      device: "cpu",
      classModel: await writeModel(segformerModel()),
      foregroundModel: await writeModel(rmbgModel()),
    });
    try {
      const fractions: number[] = [];
      const result = await segmenter.classes(picture.image, { onProgress: (done) => fractions.push(done) });
      expect(result).toMatchObject({ source: "classes", model: "colours-segformer", device: "cpu" });
      expect(result.note).toBeUndefined();
      expect(result.segments.map((segment) => segment.class).sort()).toEqual(["bus", "floor", "plant"]);
      const areas = result.segments.map(({ area }) => area);
      expect(areas).toEqual([...areas].sort((first, second) => second - first));
      const bus = result.segments.find((segment) => segment.class === "bus")!;
      expect(bus.label).toBe("Bus");
      expect(bus.mask.iou(picture.red)).toBeGreaterThanOrEqual(0.95);
      expect(bus).toMatchObject({ area: bus.mask.area, bbox: bus.mask.bbox });
      expect(fractions).toEqual([...fractions].sort((first, second) => first - second));
      expect(fractions.at(-1)).toBe(1);
      // What belongs to one class belongs to no other.
      expect(areas.reduce((sum, area) => sum + area, 0)).toBe(240 * 160);

      const few = await segmenter.classes(picture.image, { maxSegments: 1 });
      expect(few.segments.map((segment) => segment.class)).toEqual(["floor"]);
      const large = await segmenter.classes(picture.image, { minAreaPixels: bus.area + 1 });
      expect(large.segments.every(({ area }) => area > bus.area)).toBe(true);

      const { mask, alpha } = await segmenter.foreground(picture.image);
      expect(mask.iou(picture.red)).toBeGreaterThanOrEqual(0.95);
      expect(mask.alpha).toBe(alpha);
      expect(alpha).toMatchObject({ width: 240, height: 160 });
    } finally {
      await segmenter.dispose();
    }
    await expect(segmenter.classes(picture.image)).rejects.toMatchObject({ code: "DISPOSED" });
  });

  test("with the built-in model alone: automatic masks that say so, and no foreground", async () => {
    const segmenter = await createSegmenter({ device: "cpu" });
    try {
      const result = await segmenter.classes(picture.image, { everything: { pointsPerSide: 4 } });
      expect(result).toMatchObject({ source: "automatic", model: "nano" });
      expect(result.note).toContain("classModel");
      expect(result.segments.length).toBeGreaterThan(0);
      expect(new Set(result.segments.map((segment) => segment.class))).toEqual(new Set(["object"]));
      await expect(segmenter.foreground(picture.image)).rejects.toMatchObject({
        code: "MODEL_NOT_FOUND",
        field: "foregroundModel",
      });
      await expect(segmenter.classes(picture.image, { maxSegments: 0 })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "maxSegments",
      });
      await expect(segmenter.classes(picture.image, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "ABORTED",
      });
    } finally {
      await segmenter.dispose();
    }
  });

  test("a model is loaded when it is first asked, and asked again after a failure", async () => {
    const path = join(folder, "later");
    const segmenter = await createSegmenter({ device: "cpu", classModel: path });
    try {
      await expect(segmenter.classes(picture.image)).rejects.toMatchObject({
        code: "MODEL_NOT_FOUND",
        field: "classModel",
      });
      const { rename } = await import("node:fs/promises");
      await rename(await writeModel(segformerModel()), path);
      expect((await segmenter.classes(picture.image)).source).toBe("classes");
    } finally {
      await segmenter.dispose();
    }
  });

  test("unknown ids, models of another task, and terms that were not accepted are refused", async () => {
    const foreground = await writeModel(rmbgModel());
    for (const [classModel, code] of [
      ["no-such-model", "MODEL_NOT_FOUND"],
      [foreground, "MODEL_CORRUPT"],
    ] as const) {
      const segmenter = await createSegmenter({ device: "cpu", classModel });
      await expect(segmenter.classes(picture.image)).rejects.toMatchObject({ code, field: "classModel" });
      await segmenter.dispose();
    }
    const segmenter = await createSegmenter({ device: "cpu", foregroundModel: "rmbg-2.0", offline: true });
    await expect(segmenter.foreground(picture.image)).rejects.toMatchObject({ code: "FORBIDDEN" });
    await segmenter.dispose();
  });
});

describe("graphs that do not fit their description", () => {
  const load = async ({ spec, model }: ClassGraphModel, change: Partial<ClassGraphModel["spec"]>) => {
    const runtime = createOnnxRuntime();
    try {
      const placed = await placeClassModel({ ...spec, ...change }, oneGraphStore(model), runtime, {
        threads: 1,
      });
      return await placed.find(picture.image);
    } finally {
      await runtime.dispose();
    }
  };

  test.each([
    ["another form", torchvisionModel(), { form: "query-masks" }, /query-masks.*received.*out float32/],
    [
      "another output",
      segformerModel(),
      { output: "masks" },
      /an output masks of four axes, received.*logits/,
    ],
    [
      "fewer labels",
      segformerModel(),
      { labels: "cityscapes" },
      /labels has 19 names, but output logits has 150 classes/,
    ],
    [
      "other labels",
      yoloModel("raw"),
      { labels: ["one", "two"] },
      /labels has 2 names, but output output0 has 80 classes/,
    ],
    [
      "another size",
      segformerModel(),
      {
        image: {
          ...segformerModel().spec.image,
          resize: { rule: "stretch" as const, width: 128, height: 128 },
        },
      },
      /image\.resize is 128 × 128, but the graph's input pixel_values is \[\?, 3, 256, 256\]/,
    ],
  ] as const)("%s", async (_, model, change, message) => {
    await expect(load(model, change as Partial<ClassGraphModel["spec"]>)).rejects.toMatchObject({
      code: "MODEL_CORRUPT",
      message: expect.stringMatching(message),
    });
  });
});
