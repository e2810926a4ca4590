import { describe, expect, test } from "vitest";
import { catalogue, catalogueAliases } from "../catalogue/index.js";
import { availablePrecisions, choosePrecision } from "../choose-precision.js";
import { foregroundCatalogue } from "../foreground/catalogue.js";
import { type ForegroundModelSpec, parseForegroundModelSpec } from "../foreground/foreground-model-spec.js";
import { findLabels } from "../labels/find-labels.js";
import { modelFiles } from "../model-files.js";
import { classCatalogue } from "./catalogue.js";
import { type ClassModelSpec, classFormNames, parseClassModelSpec } from "./class-model-spec.js";

const all = [...classCatalogue, ...foregroundCatalogue];

/** Licences that need no more than naming. */
const permissive = new Set(["MIT", "Apache-2.0"]);

/** Every way in which the catalogue names a file, each at a revision that cannot move under it. */
const pinnedUrls = [
  /^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/([0-9a-f]{40})\/[\w./-]+$/,
  /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/(v[\d.]+)\/[\w.-]+$/,
  /^https:\/\/media\.githubusercontent\.com\/media\/onnx\/models\/([0-9a-f]{40})\/[\w./-]+$/,
];

/** What each family's published preprocessor does; a typing error in it costs accuracy without a failure. */
const imagenet = { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375] };
const halfAndOne = { mean: [127.5, 127.5, 127.5], std: [255, 255, 255] };
const stretch = (side: number) => ({ resize: { rule: "stretch", width: side, height: side } });
const shorter = (side: number) => ({ resize: { rule: "shorter", side, longest: 1333 } });
const rembg = { filter: "lanczos", maximum: "own" };
const inputOfFamily: Readonly<Record<string, object>> = {
  fcn: { ...shorter(520), ...imagenet },
  "mask-rcnn": {
    ...shorter(800),
    multiple: { of: 32, by: "padding" },
    channels: "bgr",
    mean: [102.9801, 115.9465, 122.7717],
    std: [1, 1, 1],
  },
  detr: { ...shorter(800), ...imagenet },
  segformer: { ...stretch(512), ...imagenet },
  yolo: {
    resize: { rule: "letterbox", width: 640, height: 640, fill: 114 },
    mean: [0, 0, 0],
    std: [255, 255, 255],
  },
  u2net: { ...stretch(320), ...rembg, ...imagenet },
  isnet: { ...stretch(1024), ...rembg, ...halfAndOne },
  birefnet: { ...stretch(1024), ...imagenet },
};
const inputOfModel: Readonly<Record<string, object>> = {
  "rmbg-1.4": { ...stretch(1024), ...halfAndOne },
  "rmbg-2.0": { ...stretch(1024), ...imagenet },
};

/** Classes of each family's data set as its author numbers them; those of DETR have gaps and end at 200. */
const labelCounts: Readonly<Record<string, number>> = {
  fcn: 21,
  "mask-rcnn": 81,
  detr: 201,
  segformer: 150,
  yolo: 80,
};

const everyFile = (model: ClassModelSpec | ForegroundModelSpec) =>
  availablePrecisions(model, "model").flatMap((precision) =>
    modelFiles(choosePrecision<ClassModelSpec | ForegroundModelSpec>(model, { model: precision })),
  );

describe("the catalogue of models that need no prompt", () => {
  test("every description is one, under a name that no other model has", () => {
    for (const model of classCatalogue) expect(parseClassModelSpec(model)).toEqual(model);
    for (const model of foregroundCatalogue) expect(parseForegroundModelSpec(model)).toEqual(model);
    const names = [...all, ...catalogue].map(({ id }) => id).concat(Object.keys(catalogueAliases));
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(all.map((model) => [model.id, model] as const))(
    "%s: files, revision, terms, input",
    (id, model) => {
      const files = everyFile(model);
      for (const { url, name, bytes, sha256 } of files) {
        const [revision] = pinnedUrls.flatMap((pattern) => pattern.exec(url ?? "")?.[1] ?? []);
        expect(revision, url).toBeDefined();
        // One revision for all of a model's files, and the version says which.
        expect(revision!.startsWith(model.version), url).toBe(true);
        expect(url!.endsWith(`/${name}`)).toBe(true);
        if (sha256 !== undefined) expect(sha256, name).toMatch(/^[0-9a-f]{64}$/);
        if (bytes !== undefined) expect(bytes, name).toBeGreaterThan(1_000_000);
      }
      expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
      // What is taken without another choice is known by its hash.
      expect(model.files.model.sha256).toBeDefined();
      expect(model.terms?.acceptance).toBe(permissive.has(model.license) ? undefined : "required");
      if (model.terms) expect(model.terms.url).toMatch(/^https:\/\//);
      expect(model.image).toEqual(inputOfModel[id] ?? inputOfFamily[model.family]);
    },
  );

  test.each(classCatalogue.map((model) => [model.id, model] as const))("%s: form and labels", (_, model) => {
    expect(classFormNames).toContain(model.form);
    const labels = typeof model.labels === "string" ? findLabels(model.labels).names : model.labels;
    expect(labels).toHaveLength(labelCounts[model.family]!);
  });

  test.each([
    ["std", { image: { ...classCatalogue[0]!.image, std: [0, 1, 1] } }, "classModel.image.std[0]"],
    ["labels", { labels: "imagenet" }, "classModel.labels"],
    ["task", { task: "foreground" }, "classModel.task"],
    ["form", { form: "boxes" }, "classModel.form"],
  ])("a wrong %s is named", (_, change, field) => {
    expect(() => parseClassModelSpec({ ...classCatalogue[0], ...change })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", field }),
    );
  });
});
