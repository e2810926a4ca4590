import { join } from "node:path";
import {
  type CallOptions,
  describeValue,
  invalidInput,
  MaskeryError,
  type ModelSpec,
  parseModelSpec,
} from "@maskery/core";
import { catalogue, catalogueAliases, findCatalogueModel } from "@maskery/core/catalogue";
import { BUILT_IN_MODEL, builtInModelFolder } from "./built-in-model.js";
import { type DescribedModels, findById, isModelPath, readModelFolder } from "./models/find-described.js";
import { modelFolderName } from "./models/model-folder-name.js";
import { type ModelStoreOptions, modelStoreSettings } from "./models/store-settings.js";

/** A model's description, and where its files are. */
export interface FoundModel {
  readonly spec: ModelSpec;
  /** The folder that holds its files. For models that are downloaded: the one they are downloaded to. */
  readonly folder: string;
}

export interface FindModelOptions extends CallOptions, Pick<ModelStoreOptions, "modelDirectory"> {}

const promptable: DescribedModels<ModelSpec> = {
  field: "model",
  known: findCatalogueModel,
  parse: parseModelSpec,
};

/**
 * Finds a model: `"nano"`, the built-in one; an id or alias of the catalogue; the id of a folder in the model directory, such as
 * one made by `maskery models pack`; the path of a folder that holds a `maskery.json`; or a description, which is checked. What
 * contains a slash, or begins with a dot, is a path. Nothing is downloaded.
 * @throws MaskeryError `MODEL_NOT_FOUND` for an unknown id or a folder without `maskery.json`, `MODEL_CORRUPT` when that
 * file is no model description, `INVALID_INPUT` for a description at fault, `ABORTED`.
 */
export async function findModel(
  model: string | ModelSpec,
  options: FindModelOptions = {},
): Promise<FoundModel> {
  if (model === BUILT_IN_MODEL) return readModelFolder(builtInModelFolder(), promptable, options, model);
  const { directory } = modelStoreSettings(options);
  if (typeof model === "object" && model !== null) {
    const spec = parseModelSpec(model);
    return { spec, folder: join(directory, modelFolderName(spec)) };
  }
  if (typeof model !== "string" || model === "")
    throw invalidInput("model", "an id, the path of a model folder, or a model description", model);
  if (isModelPath(model)) return readModelFolder(model, promptable, options);
  const found = await findById(model, promptable, directory, options);
  if (!found) throw await notFound(model);
  return found;
}

async function notFound(id: string): Promise<MaskeryError> {
  const { classCatalogue, foregroundCatalogue } = await import("@maskery/core/classes");
  const optionOf = (models: readonly { readonly id: string }[], option: string) =>
    models.some((model) => model.id === id) ? option : undefined;
  const option = optionOf(classCatalogue, "classModel") ?? optionOf(foregroundCatalogue, "foregroundModel");
  const hint = option === undefined ? similarNames(id) : "";
  const advice = option === undefined ? "" : `, which takes no prompts: it belongs into the option ${option}`;
  return new MaskeryError(
    "MODEL_NOT_FOUND",
    `model: expected "nano", an id that "maskery models list" shows${hint}, or the path of a model folder, received ` +
      describeValue(id) +
      advice,
    { field: "model" },
  );
}

function similarNames(id: string): string {
  const names = [BUILT_IN_MODEL, ...catalogue.map((model) => model.id), ...Object.keys(catalogueAliases)];
  const similar = names.filter((name) => resembles(name, id)).sort((one, other) => other.length - one.length);
  return similar.length > 0 ? ` (like ${similar.slice(0, 4).join(", ")})` : "";
}

function resembles(name: string, typed: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const [one, other] = [plain(name), plain(typed)];
  return one !== "" && other !== "" && (one.startsWith(other) || other.startsWith(one));
}
