import { describe, expect, it } from "vitest";
import { availablePrecisions, choosePrecision } from "../choose-precision.js";
import { type GraphFile, modelFiles } from "../model-files.js";
import { layoutNames, type ModelSpec, modelFingerprint, parseModelSpec } from "../model-spec.js";
import type { Precision } from "../precision.js";
import { catalogue, catalogueAliases, findCatalogueModel } from "./index.js";

/** Every way in which the catalogue names a file, each at a revision that cannot move under it. */
const pinnedUrls = [
  /^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/[0-9a-f]{40}\/[\w./-]+$/,
  /^https:\/\/raw\.githubusercontent\.com\/[\w.-]+\/[\w.-]+\/[0-9a-f]{40}\/[\w./-]+$/,
  /^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/(?!latest)[\w.-]+\/[\w.-]+$/,
];

/** Models whose files are pinned by size and hash alone, because no revision of theirs is known. */
const pinnedByContent = new Set(["slimsam-50"]);

/** Constants of published preprocessors; a typing error in one of them costs accuracy without a failure. */
const knownConstants = {
  imagenet: [
    [123.675, 116.28, 103.53],
    [58.395, 57.12, 57.375],
  ],
  halves: [
    [127.5, 127.5, 127.5],
    [127.5, 127.5, 127.5],
  ],
  unitRange: [
    [0, 0, 0],
    [255, 255, 255],
  ],
};

/** What each layout asks of the frame, as its exporters document it. */
const constantsOfLayout: Readonly<Record<string, readonly (keyof typeof knownConstants)[]>> = {
  sam1: ["imagenet"],
  "sam1-preprocess": ["imagenet"],
  "sam1-hf": ["imagenet"],
  "sam2-hf": ["imagenet", "halves"],
  "sam2-samexporter": ["imagenet"],
  "sam2-ibai": ["imagenet"],
  "sam2-osam": ["imagenet"],
  efficientsam: ["unitRange"],
  edgesam: ["imagenet"],
  "efficientvit-sam": ["imagenet"],
};

const stretching = new Set(["sam2-hf", "sam2-samexporter", "sam2-ibai", "sam2-osam", "efficientsam"]);

/** Models whose export does not publish its tensors: the layout is found when the graphs are loaded. */
const layoutFoundLater = new Set(["efficientvit-sam-l0", "efficientvit-sam-l1"]);

const halves = ["encoder", "decoder"] as const;

function everyGraph(model: ModelSpec): GraphFile[] {
  return halves.flatMap((half) =>
    availablePrecisions(model, half).map(
      (precision) => choosePrecision(model, { [half]: precision }).files[half],
    ),
  );
}

const everyFile = (model: ModelSpec) =>
  everyGraph(model).flatMap((graph) => modelFiles({ files: { graph } }));

describe.each(catalogue.map((model) => [model.id, model] as const))("%s", (id, model) => {
  it("is a model description", () => {
    expect(parseModelSpec(JSON.parse(JSON.stringify(model)))).toEqual(model);
    expect(id).toMatch(/^[a-z0-9][a-z0-9.-]*$/);
    expect(model.title).not.toBe("");
  });

  it("names every file once, by a pinned address of one file", () => {
    const files = everyFile(model);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const { name, url, bytes, sha256 } of files) {
      if (pinnedByContent.has(id)) {
        expect([typeof bytes, typeof sha256], name).toEqual(["number", "string"]);
        expect(url).toMatch(/^https:\/\/huggingface\.co\/[\w.-]+\/[\w.-]+\/resolve\/main\//);
      } else {
        expect(
          pinnedUrls.some((pattern) => pattern.test(url ?? "")),
          `${name}: ${url}`,
        ).toBe(true);
      }
      expect(url!.endsWith(`/${name}`), `${name}: ${url}`).toBe(true);
      expect(name).not.toMatch(/\.(zip|tar|gz|7z)$/);
    }
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    expect(new Set(files.map(({ url }) => url)).size).toBe(files.length);
    // One revision for all of a model's files, and the version says which.
    if (pinnedByContent.has(id)) expect(model.version).toBe(`sha256-${files[0]!.sha256!.slice(0, 12)}`);
    else expect(files.every(({ url }) => url!.includes(`/${model.version}`))).toBe(true);
  });

  it("has hashes of the right form, and sizes that files of weights have", () => {
    for (const { name, bytes, sha256 } of everyFile(model)) {
      if (sha256 !== undefined) expect(sha256, name).toMatch(/^[0-9a-f]{64}$/);
      if (bytes !== undefined) expect(bytes, name).toBeGreaterThan(100_000);
    }
  });

  it("keeps external data beside its graph, under the graph's name", () => {
    for (const { name, externalData = [] } of everyGraph(model)) {
      for (const data of externalData) expect(data.name).toBe(`${name}_data`);
    }
    if (model.layout === "sam2-hf") {
      for (const graph of everyGraph(model)) expect(graph.externalData).toHaveLength(1);
    }
  });

  it("is in a known layout, with that layout's preprocessing", () => {
    if (layoutFoundLater.has(id)) {
      expect(model.layout).toBeUndefined();
      return;
    }
    expect(layoutNames).toContain(model.layout);
    const { size, resize, mean, std } = model.image;
    const fitting = constantsOfLayout[model.layout!]!.map((name) => knownConstants[name]);
    expect(fitting).toContainEqual([mean, std]);
    expect(resize).toBe(stretching.has(model.layout!) ? "stretch" : "letterbox");
    expect(size).toBe(id === "sam3-tracker" ? 1008 : 1024);
  });

  it("has other fingerprints for other precisions", () => {
    const choices = halves.flatMap((half) =>
      availablePrecisions(model, half).map((precision) => ({ [half]: precision })),
    );
    const fingerprints = choices.map((choice) => modelFingerprint(choosePrecision(model, choice)));
    const automatic = modelFingerprint(choosePrecision(model, "auto"));
    // Naming what "auto" takes anyway, for the one half or for the other, is no other model.
    expect(new Set([...fingerprints, automatic]).size).toBe(choices.length - 1);
  });

  it("asks for acceptance where its terms are no open-source licence", () => {
    const isOpen = /^(Apache-2\.0|MIT|BSD-3-Clause)$/.test(model.license);
    expect(model.terms?.acceptance).toBe(isOpen ? undefined : "required");
    if (model.terms) expect(model.terms.url).toMatch(/^https:\/\//);
  });
});

describe("the catalogue", () => {
  it("has no id, alias or set of weights twice", () => {
    const names = [...catalogue.map(({ id }) => id), ...Object.keys(catalogueAliases)];
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(catalogue.map(modelFingerprint)).size).toBe(catalogue.length);
  });

  it("gives the same hash and size to one address wherever it stands", () => {
    const byUrl = new Map<string, string>();
    for (const { url, bytes, sha256 } of catalogue.flatMap(everyFile)) {
      const facts = `${bytes} ${sha256}`;
      expect(byUrl.get(url!) ?? facts).toBe(facts);
      byUrl.set(url!, facts);
    }
  });

  it("finds models by id and alias, and no others", () => {
    for (const model of catalogue) expect(findCatalogueModel(model.id)).toBe(model);
    for (const [alias, id] of Object.entries(catalogueAliases))
      expect(findCatalogueModel(alias)?.id, alias).toBe(id);
    expect(["b", "l", "h"].map((size) => findCatalogueModel(`vit_${size}`)?.id)).toEqual([
      "sam-vit-b",
      "sam-vit-l",
      "sam-vit-h",
    ]);
    for (const name of ["", "toString", "__proto__", "SAM2"])
      expect(findCatalogueModel(name)).toBeUndefined();
  });

  it("never takes by itself a precision that was reported to break", () => {
    const chosen = (id: string, choice: "auto" | Precision, prefersHalfPrecision = false) =>
      choosePrecision(findCatalogueModel(id)!, choice, { prefersHalfPrecision }).precision;
    expect(chosen("sam2.1-tiny", "auto")).toEqual({ encoder: "fp32", decoder: "fp32" });
    expect(chosen("sam2.1-tiny", "auto", true)).toEqual({ encoder: "fp16", decoder: "fp32" });
    expect(chosen("sam2.1-tiny", "fp16")).toEqual({ encoder: "fp16", decoder: "fp32" });
    expect(chosen("sam2.1-tiny", "q8")).toEqual({ encoder: "q8", decoder: "fp32" });
    expect(chosen("sam2.1-base-plus", "auto")).toEqual({ encoder: "fp32", decoder: "fp32" });
    expect(chosen("sam2.1-base-plus", "auto", true)).toEqual({ encoder: "fp16", decoder: "fp32" });
    expect(chosen("edgetam", "auto", true)).toEqual({ encoder: "fp32", decoder: "fp32" });
    expect(chosen("sam3-tracker", "fp16")).toEqual({ encoder: "fp16", decoder: "fp32" });
    expect(chosen("sam-vit-b", "auto")).toEqual({ encoder: "q8", decoder: "q8" });
    expect(chosen("slimsam-77", "q8")).toEqual({ encoder: "q8", decoder: "q8" });
  });
});
