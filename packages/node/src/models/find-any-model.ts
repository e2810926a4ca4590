import { type ModelSpec, type Precision, parseModelSpec } from "@maskery/core";
import { findCatalogueModel } from "@maskery/core/catalogue";
import type { ClassModelSpec, ForegroundModelSpec } from "@maskery/core/classes";
import { BUILT_IN_MODEL } from "../built-in-model.js";
import { type FindModelOptions, findModel } from "../find-model.js";
import {
  type Described,
  type DescribedModels,
  findById,
  isModelPath,
  readModelFolder,
} from "./find-described.js";
import { modelStoreSettings } from "./store-settings.js";

/** The description of a model of whatever task. */
export type AnyModelSpec = ModelSpec | ClassModelSpec | ForegroundModelSpec;

export type AnyModel = Described<AnyModelSpec>;

/** What a model does: answer prompts, name what it finds, or tell the subject from the background. */
export type ModelTask = "prompt" | "classes" | "foreground";

export function taskOf({ task = "prompt" }: AnyModelSpec): ModelTask {
  return task;
}

/** The catalogues of models that take no prompts, first those with classes. */
export async function taskCatalogues(): Promise<readonly (ClassModelSpec | ForegroundModelSpec)[]> {
  const { classCatalogue, foregroundCatalogue } = await import("@maskery/core/classes");
  return [...classCatalogue, ...foregroundCatalogue];
}

/**
 * Finds a model of any task, as `findModel` does: by id, alias, id of a folder in the model directory, or path.
 * @throws MaskeryError as `findModel`.
 */
export async function findAnyModel(name: string, options: FindModelOptions = {}): Promise<AnyModel> {
  const models = await anyModels();
  if (name === BUILT_IN_MODEL || name === "") return findModel(name, options);
  if (isModelPath(name)) return readModelFolder(name, models, options);
  const { directory } = modelStoreSettings(options);
  return (await findById(name, models, directory, options)) ?? findModel(name, options);
}

async function anyModels(): Promise<DescribedModels<AnyModelSpec>> {
  const { parseClassModelSpec, parseForegroundModelSpec } = await import("@maskery/core/classes");
  const others = await taskCatalogues();
  return {
    field: "model",
    known: (name) => findCatalogueModel(name) ?? others.find(({ id }) => id === name),
    parse(input) {
      const task = typeof input === "object" && input !== null && "task" in input ? input.task : undefined;
      if (task === "classes") return parseClassModelSpec(input);
      return task === "foreground" ? parseForegroundModelSpec(input) : parseModelSpec(input);
    },
  };
}

/** The precisions in which each part of a model is there, its default first. */
export function precisionsByPart({
  files,
  precision,
  variants,
}: AnyModelSpec): Readonly<Record<string, readonly Precision[]>> {
  const defaults: Readonly<Record<string, Precision | undefined>> = precision ?? {};
  const others: readonly (readonly [string, Readonly<Record<string, unknown>> | undefined])[] =
    Object.entries(variants ?? {});
  return Object.fromEntries(
    Object.keys(files).map((part) => {
      const own = defaults[part] ?? "fp32";
      const more = others.flatMap(([word, graphs]) =>
        graphs?.[part] && word !== own ? [word as Precision] : [],
      );
      return [part, [own, ...more]];
    }),
  );
}
