import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  abortError,
  type CallOptions,
  describeValue,
  invalidInput,
  MaskeryError,
  type ModelSpec,
  parseModelSpec,
} from "@maskery/core";
import { catalogue, catalogueAliases, findCatalogueModel } from "@maskery/core/catalogue";
import { BUILT_IN_MODEL, builtInModelFolder } from "./built-in-model.js";
import { modelFolderName } from "./models/model-folder-name.js";
import { type ModelStoreOptions, modelStoreSettings } from "./models/store-settings.js";

/** A model's description, and where its files are. */
export interface FoundModel {
  readonly spec: ModelSpec;
  /** The folder that holds its files. For models that are downloaded: the one they are downloaded to. */
  readonly folder: string;
}

export interface FindModelOptions extends CallOptions, Pick<ModelStoreOptions, "modelDirectory"> {}

const descriptionName = "maskery.json";

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
  if (model === BUILT_IN_MODEL) return readFolder(builtInModelFolder(), model, options);
  const { directory } = modelStoreSettings(options);
  if (typeof model === "object" && model !== null) {
    const spec = parseModelSpec(model);
    return { spec, folder: join(directory, modelFolderName(spec)) };
  }
  if (typeof model !== "string" || model === "")
    throw invalidInput("model", "an id, the path of a model folder, or a model description", model);
  if (/[/\\]/.test(model) || model.startsWith(".")) return readFolder(model, model, options);
  return findById(model, directory, options);
}

/**
 * Folders of another version than the catalogue's count only where the catalogue's own is not there: whoever put them into the
 * model directory wants them used.
 */
async function findById(id: string, directory: string, options: CallOptions): Promise<FoundModel> {
  const known = findCatalogueModel(id);
  const knownFolder = known && modelFolderName(known);
  const names = await readdir(directory).catch((): string[] => []);
  if (known && names.includes(knownFolder!)) return { spec: known, folder: join(directory, knownFolder!) };
  const wanted = known?.id ?? id;
  const candidates = names
    .filter((name) => name === wanted || name.startsWith(`${wanted}@`))
    .sort((one, other) => other.localeCompare(one, "en", { numeric: true }));
  for (const name of candidates) {
    const found = await readFolder(join(directory, name), id, options).catch((error: unknown) => {
      // A folder without a description holds downloads of another version.
      if (MaskeryError.is(error) && error.code === "MODEL_NOT_FOUND") return undefined;
      throw error;
    });
    if (found) return found;
  }
  if (known) return { spec: known, folder: join(directory, knownFolder!) };
  throw notFound(id);
}

async function readFolder(folder: string, model: string, { signal }: CallOptions): Promise<FoundModel> {
  const path = join(folder, descriptionName);
  let text: string;
  try {
    text = await readFile(path, { encoding: "utf8", ...(signal && { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `model: expected a folder with a maskery.json, received ${describeValue(model)}`,
      { cause, field: "model" },
    );
  }
  try {
    return { spec: parseModelSpec(JSON.parse(text)), folder: dirname(resolve(path)) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MaskeryError("MODEL_CORRUPT", `${path}: ${reason}`, { cause, field: "model" });
  }
}

function notFound(id: string): MaskeryError {
  const names = [BUILT_IN_MODEL, ...catalogue.map((model) => model.id), ...Object.keys(catalogueAliases)];
  const similar = names.filter((name) => resembles(name, id)).sort((one, other) => other.length - one.length);
  const hint = similar.length > 0 ? ` (like ${similar.slice(0, 4).join(", ")})` : "";
  return new MaskeryError(
    "MODEL_NOT_FOUND",
    `model: expected "nano", an id that "maskery models list" shows${hint}, or the path of a model folder, received ` +
      describeValue(id),
    { field: "model" },
  );
}

function resembles(name: string, typed: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const [one, other] = [plain(name), plain(typed)];
  return one !== "" && other !== "" && (one.startsWith(other) || other.startsWith(one));
}
