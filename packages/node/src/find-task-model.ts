import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  abortError,
  type CallOptions,
  describeValue,
  type LicenseTerms,
  MaskeryError,
  type ModelGraphs,
} from "@maskery/core";
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
  models: TaskModels<Spec>,
  options: FindTaskModelOptions = {},
): Promise<{ readonly spec: Spec; readonly folder: string }> {
  const { directory } = modelStoreSettings(options);
  if (typeof model !== "string") {
    const spec = models.parse(model);
    return { spec, folder: join(directory, modelFolderName(spec)) };
  }
  if (/[/\\]/.test(model) || model.startsWith(".")) return readFolder(model, models, options);
  const known = models.catalogue.find(({ id }) => id === model);
  if (known) return { spec: known, folder: join(directory, modelFolderName(known)) };
  const names = await readdir(directory).catch((): string[] => []);
  const own = names
    .filter((name) => name === model || name.startsWith(`${model}@`))
    .sort((one, other) => other.localeCompare(one, "en", { numeric: true }))[0];
  if (own !== undefined) return readFolder(join(directory, own), models, options);
  const ids = models.catalogue.map(({ id }) => id).join(", ");
  throw new MaskeryError(
    "MODEL_NOT_FOUND",
    `${models.field}: expected one of ${ids}, or the path of a model folder, received ${describeValue(model)}`,
    { field: models.field },
  );
}

async function readFolder<Spec extends TaskModelSpec>(
  folder: string,
  { field, parse }: TaskModels<Spec>,
  { signal }: CallOptions,
): Promise<{ readonly spec: Spec; readonly folder: string }> {
  const path = join(folder, "maskery.json");
  let text: string;
  try {
    text = await readFile(path, { encoding: "utf8", ...(signal && { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `${field}: expected a folder with a maskery.json, received ${describeValue(folder)}`,
      { cause, field },
    );
  }
  try {
    return { spec: parse(JSON.parse(text)), folder: dirname(resolve(path)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MaskeryError("MODEL_CORRUPT", `${path}: ${reason}`, { cause, field });
  }
}
