import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { choosePrecision, MaskeryError, modelFiles, type Precision } from "@maskery/core";
import { catalogue } from "@maskery/core/catalogue";
import { BUILT_IN_MODEL } from "../built-in-model.js";
import { locateInFolder } from "../files/locate-in-folder.js";
import { checkFile, type FileState } from "./check-file.js";
import { isComplete } from "./choose-files.js";
import {
  type AnyModel,
  type AnyModelSpec,
  findAnyModel,
  precisionsByPart,
  taskCatalogues,
} from "./find-any-model.js";

/** One model that this machine has or could have. */
export interface ListedModel extends AnyModel {
  /** Where its description comes from. */
  readonly source: "package" | "catalogue" | "model directory";
  /** Bytes of its files that are here, of all precisions. */
  readonly bytesHere: number;
  /** Whether everything that one of its precisions needs is here. */
  readonly isHere: boolean;
}

export interface ListModelsOptions {
  /** Told of folders in the model directory whose `maskery.json` describes no model. Default: they are passed over. */
  readonly onBroken?: (error: MaskeryError) => void;
}

/** The built-in model, the catalogues of every task, and other models in the model directory. */
export async function listModels(
  directory: string,
  { onBroken }: ListModelsOptions = {},
): Promise<ListedModel[]> {
  const builtIn = await findAnyModel(BUILT_IN_MODEL);
  const listed: ListedModel[] = [await listModel(builtIn, "package")];
  const folders = new Set<string>();
  for (const { id } of [...catalogue, ...(await taskCatalogues())]) {
    const found = await findAnyModel(id, { modelDirectory: directory });
    folders.add(found.folder);
    listed.push(await listModel(found, "catalogue"));
  }
  for (const name of (await readdir(directory).catch((): string[] => [])).sort()) {
    const folder = join(directory, name);
    if (folders.has(folder)) continue;
    // Anything may lie in a folder that users fill.
    const found = await findAnyModel(folder).catch((error: unknown) => {
      if (MaskeryError.is(error) && error.code === "MODEL_CORRUPT") onBroken?.(error);
      return undefined;
    });
    if (found) listed.push(await listModel(found, "model directory"));
  }
  return listed;
}

export async function listModel(found: AnyModel, source: ListedModel["source"]): Promise<ListedModel> {
  const sizes = await Promise.all(
    everyFile(found.spec).map(({ name }) =>
      stat(locateInFolder(found.folder, name)).then(
        (stats) => stats.size,
        () => 0,
      ),
    ),
  );
  const variants = everyPrecision(found.spec);
  const complete = await Promise.all(variants.map((spec) => isComplete(spec, found.folder)));
  return {
    ...found,
    source,
    bytesHere: sizes.reduce((sum, size) => sum + size, 0),
    isHere: complete.some(Boolean),
  };
}

/** A model in each combination of precisions that it has. */
function everyPrecision(spec: AnyModelSpec): AnyModelSpec[] {
  const choices = Object.entries(precisionsByPart(spec)).reduce<
    readonly Readonly<Record<string, Precision>>[]
  >(
    (earlier, [part, words]) =>
      earlier.flatMap((choice) => words.map((word) => ({ ...choice, [part]: word }))),
    [{}],
  );
  return choices.map((choice) => choosePrecision(spec, choice));
}

/** Every file of a model in every precision, each once. */
export function everyFile(spec: AnyModelSpec): ReturnType<typeof modelFiles> {
  const all = everyPrecision(spec).flatMap((variant) => modelFiles(variant));
  return all.filter((file, index) => all.findIndex(({ name }) => name === file.name) === index);
}

export interface VerifiedFile {
  readonly name: string;
  readonly state: FileState["state"];
  /** What is wrong. */
  readonly problem?: string;
}

/** Reads every file of a model that is here, whatever was found before, and compares it with what it must be. */
export async function verifyModel(
  { spec, folder }: AnyModel,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (bytes: number) => void } = {},
): Promise<VerifiedFile[]> {
  const verified: VerifiedFile[] = [];
  for (const file of everyFile(spec)) {
    const found = await checkFile(locateInFolder(folder, file.name), file, { ...options, again: true });
    verified.push({
      name: file.name,
      state: found.state,
      ...(found.state === "wrong" && { problem: found.problem }),
    });
  }
  return verified;
}

/**
 * Removes a model's folder from the model directory.
 * @returns Bytes that its files had.
 * @throws MaskeryError `INVALID_INPUT` for a model that is not kept there, `MODEL_NOT_FOUND` when there is no such folder.
 */
export async function removeModel(found: AnyModel, directory: string): Promise<number> {
  const { id } = found.spec;
  const names = await readdir(directory).catch((): string[] => []);
  if (!names.some((name) => join(directory, name) === found.folder)) {
    const isElsewhere = await stat(found.folder).then(
      () => !found.folder.startsWith(directory),
      () => false,
    );
    throw isElsewhere
      ? new MaskeryError(
          "INVALID_INPUT",
          `model: expected a model in ${directory}, received ${id}, which lies elsewhere`,
          {
            field: "model",
          },
        )
      : new MaskeryError("MODEL_NOT_FOUND", `${id}: it is not in ${directory}`, { field: "model" });
  }
  const { bytesHere } = await listModel(found, "model directory");
  await rm(found.folder, { recursive: true, force: true });
  return bytesHere;
}
