import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { abortError, type CallOptions, MaskeryError, type ModelSpec, parseModelSpec } from "@maskery/core";
import { BUILT_IN_MODEL, builtInModelFolder } from "./built-in-model.js";

/** A model's description, and the folder that holds its files. */
export interface FoundModel {
  readonly spec: ModelSpec;
  readonly folder: string;
}

/**
 * Finds a model by id, or by the path of a folder that holds a `maskery.json`. What contains a slash, or begins with a dot,
 * is a path.
 * @throws MaskeryError `MODEL_NOT_FOUND` for an unknown id or a folder without `maskery.json`, `MODEL_CORRUPT` when that
 * file is no model description.
 */
export async function findModel(model: string, options: CallOptions = {}): Promise<FoundModel> {
  const folder = folderOf(model);
  const path = join(folder, "maskery.json");
  let text: string;
  try {
    text = await readFile(path, { encoding: "utf8", ...(options.signal && { signal: options.signal }) });
  } catch (cause) {
    if (options.signal?.aborted) throw abortError(options.signal);
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `model: expected a folder with a maskery.json, received ${JSON.stringify(model)}`,
      {
        cause,
        field: "model",
      },
    );
  }
  try {
    return { spec: parseModelSpec(JSON.parse(text)), folder };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MaskeryError("MODEL_CORRUPT", `${path}: ${reason}`, { cause, field: "model" });
  }
}

function folderOf(model: string): string {
  if (model === BUILT_IN_MODEL) return builtInModelFolder();
  if (/[/\\]/.test(model) || model.startsWith(".")) return model;
  throw new MaskeryError(
    "MODEL_NOT_FOUND",
    `model: expected ${JSON.stringify(BUILT_IN_MODEL)} or the path of a model folder, received ${JSON.stringify(model)}`,
    { field: "model" },
  );
}
