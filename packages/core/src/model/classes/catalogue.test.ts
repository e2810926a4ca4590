import { describe, expect, test } from "vitest";
import { parseForegroundModelSpec } from "../foreground/foreground-model-spec.js";
import { modelFiles } from "../model-files.js";
import { classCatalogue, foregroundCatalogue } from "./catalogue.js";
import { parseClassModelSpec } from "./class-model-spec.js";

const all = [...classCatalogue, ...foregroundCatalogue];

/** Licences that need no more than naming. */
const permissive = new Set(["MIT", "Apache-2.0"]);

describe("the catalogue of models that need no prompt", () => {
  test("every description is one", () => {
    for (const model of classCatalogue) expect(parseClassModelSpec(model)).toEqual(model);
    for (const model of foregroundCatalogue) expect(parseForegroundModelSpec(model)).toEqual(model);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test.each(all.map((model) => [model.id, model] as const))("%s: files, revision, terms", (_, model) => {
    for (const { url, name, sha256 } of modelFiles(model)) {
      expect(url).toMatch(
        /^https:\/\/(huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/[0-9a-f]{40}\/|github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/v[\d.]+\/|media\.githubusercontent\.com\/media\/onnx\/models\/[0-9a-f]{40}\/)/,
      );
      expect(url!.endsWith(`/${name}`)).toBe(true);
      if (sha256 !== undefined) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(permissive.has(model.license)).toBe(model.terms === undefined);
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
