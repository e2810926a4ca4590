import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { abortError, type CallOptions, describeValue, MaskeryError } from "@maskery/core";
import { modelFolderName } from "./model-folder-name.js";

/** Models of one task, or of all: what their names mean and how their descriptions are read. */
export interface DescribedModels<Spec extends { readonly id: string; readonly version: string }> {
  /** The option that names such a model, for errors. */
  readonly field: string;
  /** The catalogue's model of that id or alias. */
  known(name: string): Spec | undefined;
  /** @throws MaskeryError `INVALID_INPUT`. */
  parse(input: unknown): Spec;
}

/** A description, and the folder that holds the model's files, or will. */
export interface Described<Spec> {
  readonly spec: Spec;
  readonly folder: string;
}

const descriptionName = "maskery.json";

/** What contains a slash, or begins with a dot, is a path and no id. */
export function isModelPath(name: string): boolean {
  return /[/\\]/.test(name) || name.startsWith(".");
}

/**
 * The model of an id: the catalogue's, or one whose folder lies in the model directory. Folders of another version than the
 * catalogue's count only where the catalogue's own is not there: whoever put them into the model directory wants them used.
 * @returns Undefined for an id that nobody knows.
 * @throws MaskeryError `MODEL_CORRUPT` for a folder whose `maskery.json` describes no such model, `ABORTED`.
 */
export async function findById<Spec extends { readonly id: string; readonly version: string }>(
  id: string,
  models: DescribedModels<Spec>,
  directory: string,
  options: CallOptions,
): Promise<Described<Spec> | undefined> {
  const known = models.known(id);
  const knownFolder = known && modelFolderName(known);
  const names = await readdir(directory).catch((): string[] => []);
  if (known && names.includes(knownFolder!)) return { spec: known, folder: join(directory, knownFolder!) };
  const wanted = known?.id ?? id;
  const candidates = names
    .filter((name) => name === wanted || name.startsWith(`${wanted}@`))
    .sort((one, other) => other.localeCompare(one, "en", { numeric: true }));
  for (const name of candidates) {
    const found = await readModelFolder(join(directory, name), models, options).catch((error: unknown) => {
      // A folder without a description holds downloads of another version.
      if (MaskeryError.is(error) && error.code === "MODEL_NOT_FOUND") return undefined;
      throw error;
    });
    if (found) return found;
  }
  return known && { spec: known, folder: join(directory, knownFolder!) };
}

/**
 * Reads the `maskery.json` of a folder.
 * @param received - What the caller typed, where it was not the folder.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_CORRUPT`, `ABORTED`.
 */
export async function readModelFolder<Spec>(
  folder: string,
  { field, parse }: { readonly field: string; readonly parse: (input: unknown) => Spec },
  { signal }: CallOptions,
  received = folder,
): Promise<Described<Spec>> {
  const path = join(folder, descriptionName);
  let text: string;
  try {
    text = await readFile(path, { encoding: "utf8", ...(signal && { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw abortError(signal);
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `${field}: expected a folder with a maskery.json, received ${describeValue(received)}`,
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
