import { join } from "node:path";
import {
  type CallOptions,
  describeValue,
  type LicenseTerms,
  MaskeryError,
  type ModelGraphs,
} from "@maskery/core";
import { type Described, findById, isModelPath, readModelFolder } from "./models/find-described.js";
import { modelFolderName } from "./models/model-folder-name.js";
import { type ModelStoreOptions, modelStoreSettings } from "./models/store-settings.js";

/** What the descriptions of models of every task have. */
export interface TaskModelSpec extends ModelGraphs {
  readonly version: string;
  readonly title: string;
  readonly terms?: LicenseTerms | undefined;
}

/** Models of one task. */
export interface TaskModels<Spec extends TaskModelSpec> {
  /** The option that names such a model, for errors. */
  readonly field: string;
  readonly catalogue: readonly Spec[];
  /** @throws MaskeryError `INVALID_INPUT`. */
  parse(input: unknown): Spec;
}

export interface FindTaskModelOptions extends CallOptions, Pick<ModelStoreOptions, "modelDirectory"> {}

/**
 * Finds a model that answers without prompts: an id of its catalogue or of a folder in the model directory, the path of a folder
 * with a `maskery.json`, or a description, which is checked. What contains a slash, or begins with a dot, is a path. Nothing is
 * downloaded.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_CORRUPT` for a `maskery.json` that describes no such model, `INVALID_INPUT`,
 * `ABORTED`.
 */
export async function findTaskModel<Spec extends TaskModelSpec>(
  model: string | Spec,
  { field, catalogue, parse }: TaskModels<Spec>,
  options: FindTaskModelOptions = {},
): Promise<Described<Spec>> {
  const { directory } = modelStoreSettings(options);
  if (typeof model !== "string") {
    const spec = parse(model);
    return { spec, folder: join(directory, modelFolderName(spec)) };
  }
  if (isModelPath(model)) return readModelFolder(model, { field, parse }, options);
  const known = (name: string) => catalogue.find(({ id }) => id === name);
  const found = await findById(model, { field, known, parse }, directory, options);
  if (found) return found;
  const ids = catalogue.map(({ id }) => id).join(", ");
  throw new MaskeryError(
    "MODEL_NOT_FOUND",
    `${field}: expected one of ${ids}, or the path of a model folder, received ${describeValue(model)}`,
    { field },
  );
}
