import { invalidInput, modelFiles, requireAcceptedLicense } from "@maskery/core";
import type { Command } from "commander";
import { chooseFiles } from "../models/choose-files.js";
import { type AnyModel, findAnyModel } from "../models/find-any-model.js";
import { reportProgress } from "../models/model-progress.js";
import { createModelStore } from "../models/model-store.js";
import { type ModelStoreSettings, modelStoreSettings } from "../models/store-settings.js";
import { createOnnxRuntime } from "../runtime/onnx-runtime.js";
import { parsePrecision } from "./precision-option.js";
import { progressBar } from "./progress-bar.js";
import type { CommandContext } from "./run-command.js";

/** Options of every `maskery models` command, as the parser gives them. */
export interface ModelDirectoryArguments {
  readonly dir?: string;
}

export interface FetchArguments extends ModelDirectoryArguments {
  readonly precision?: string;
  readonly acceptLicense?: boolean;
  readonly mirror?: string;
}

export function addDirectoryOption(command: Command): Command {
  return command.option(
    "--dir <folder>",
    "folder of the models (default: MASKERY_MODEL_DIR, or the user's cache folder)",
  );
}

export function addFetchOptions(command: Command): Command {
  return addDirectoryOption(command)
    .option("--precision <precision>", 'such as fp16, or encoder=fp16,decoder=fp32 (default: "auto")')
    .option("--accept-license", "accept the terms of models that ask for it")
    .option("--mirror <address>", "ask this web server first (default: MASKERY_MODEL_MIRROR)");
}

export function directorySettings({ dir }: ModelDirectoryArguments): ModelStoreSettings {
  if (dir === "") throw invalidInput("--dir", "the path of a folder", dir);
  return modelStoreSettings({ modelDirectory: dir });
}

/** A model whose files are all on this machine; its description has those that were fetched. */
export interface FetchedModel extends AnyModel {
  readonly store: ReturnType<typeof createModelStore>;
  readonly bytes: number;
}

/** Finds a model and brings its files to this machine. @throws MaskeryError what finding and the store throw, `FORBIDDEN`. */
export async function fetchModel(
  name: string,
  { precision, acceptLicense, dir, mirror }: FetchArguments,
  { signal, progress }: CommandContext,
): Promise<FetchedModel> {
  const choice = precision === undefined ? "auto" : parsePrecision(precision);
  const { spec: found, folder } = await findAnyModel(name, { signal, modelDirectory: dir });
  requireAcceptedLicense(found, acceptLicense);
  const runtime = createOnnxRuntime();
  const spec = await chooseFiles(found, folder, runtime, { precision: choice, signal }).finally(() =>
    runtime.dispose(),
  );
  const store = createModelStore(spec, { folder, modelDirectory: dir, mirror });
  const reporting = reportProgress(store, spec, ({ receivedBytes, totalBytes }) =>
    progress.show(`${spec.id}  ${progressBar(receivedBytes, totalBytes)}`),
  );
  let bytes = 0;
  // One after the other: a connection that is slow for one file is not faster for three.
  for (const file of modelFiles(spec)) {
    let size = file.bytes ?? 0;
    await reporting.fetch(file, {
      signal,
      onProgress: ({ receivedBytes }) => {
        size = receivedBytes;
      },
    });
    bytes += file.bytes ?? size;
  }
  progress.clear();
  return { spec, folder, store, bytes };
}
