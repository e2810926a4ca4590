import { invalidInput, MaskeryError } from "@maskery/core";
import { catalogue } from "@maskery/core/catalogue";
import { BUILT_IN_MODEL } from "../built-in-model.js";
import { findAnyModel, precisionsByPart, taskCatalogues } from "../models/find-any-model.js";
import { listModel, listModels, removeModel, verifyModel } from "../models/installed-models.js";
import { packModel } from "../models/pack-model.js";
import { formatBytes } from "./format-bytes.js";
import {
  directorySettings,
  type FetchArguments,
  fetchModel,
  type ModelDirectoryArguments,
} from "./model-options.js";
import { listedModelJson, modelInfoJson, modelInfoText, modelTable } from "./model-report.js";
import type { CommandContext } from "./run-command.js";

export interface ListArguments extends ModelDirectoryArguments {
  readonly json?: boolean;
}

export interface PackArguments extends FetchArguments {
  readonly out?: string;
}

/** `maskery models list`. */
export async function listAllModels(options: ListArguments): Promise<void> {
  const { directory } = directorySettings(options);
  const models = await listModels(directory);
  if (options.json) return print(JSON.stringify(models.map(listedModelJson)));
  print(modelTable(models));
  print(`\nDownloads are kept in ${directory}`);
}

/** `maskery models info`. */
export async function infoOfModel(
  name: string,
  options: ListArguments,
  { signal }: CommandContext,
): Promise<void> {
  const found = await findAnyModel(name, { signal, modelDirectory: directorySettings(options).directory });
  const known = [...catalogue, ...(await taskCatalogues())];
  const isKnown = known.some((model) => model.id === found.spec.id);
  const source = name === BUILT_IN_MODEL ? "package" : isKnown ? "catalogue" : "model directory";
  const model = await listModel(found, source);
  print(options.json ? JSON.stringify(modelInfoJson(model)) : modelInfoText(model));
}

/** `maskery models pull`. */
export async function pullModels(
  names: readonly string[],
  options: FetchArguments,
  context: CommandContext,
): Promise<void> {
  for (const name of names) {
    const { spec, folder, bytes } = await fetchModel(name, options, context);
    // What was chosen is the default now.
    const parts = Object.entries(precisionsByPart(spec)).map(([part, [chosen]]) => `${part} ${chosen}`);
    print(`${spec.id}: ${parts.join(", ")}, ${formatBytes(bytes)} in ${folder}`);
  }
}

/** `maskery models verify`. @throws MaskeryError `MODEL_CORRUPT`, `MODEL_NOT_FOUND` when all was looked at. */
export async function verifyModels(
  names: readonly string[],
  options: ListArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const { directory } = directorySettings(options);
  const chosen =
    names.length > 0
      ? await Promise.all(names.map((name) => findAnyModel(name, { signal, modelDirectory: directory })))
      : (await listModels(directory)).filter(({ bytesHere }) => bytesHere > 0);
  const report = [];
  for (const found of chosen) {
    const onBytes = (bytes: number) => progress.show(`${found.spec.id}  reading ${formatBytes(bytes)}`);
    const files = await verifyModel(found, { signal, onBytes });
    progress.clear();
    report.push({ id: found.spec.id, folder: found.folder, files });
    if (options.json) continue;
    for (const { name, state, problem } of files)
      if (state !== "absent") print(`${found.spec.id}  ${name}  ${problem ?? state}`);
  }
  if (options.json) print(JSON.stringify(report));
  const wrong = report.flatMap(({ id, files }) =>
    files.filter(({ state }) => state === "wrong").map(({ name }) => `${id} ${name}`),
  );
  const absent = report.filter(({ files }) => files.every(({ state }) => state === "absent"));
  if (wrong.length > 0) {
    const advice = 'get them again with "maskery models pull"';
    throw new MaskeryError("MODEL_CORRUPT", `wrong files: ${wrong.join(", ")}; ${advice}`);
  }
  if (absent.length > 0)
    throw new MaskeryError(
      "MODEL_NOT_FOUND",
      `not on this machine: ${absent.map(({ id }) => id).join(", ")}`,
    );
}

/** `maskery models remove`. */
export async function removeModels(
  names: readonly string[],
  options: ModelDirectoryArguments,
  { signal }: CommandContext,
): Promise<void> {
  const { directory } = directorySettings(options);
  for (const name of names) {
    const found = await findAnyModel(name, { signal, modelDirectory: directory });
    const bytes = await removeModel(found, directory);
    print(`${found.spec.id}: removed ${formatBytes(bytes)} from ${directory}`);
  }
}

/** `maskery models pack`. */
export async function packModels(
  names: readonly string[],
  options: PackArguments,
  context: CommandContext,
): Promise<void> {
  const { out } = options;
  if (out === undefined || out === "")
    throw invalidInput("--out", "a folder or a .tar file to write to", out ?? "none");
  const isTar = out.toLowerCase().endsWith(".tar");
  if (isTar && names.length > 1) throw invalidInput("--out", "a folder where several models are packed", out);
  for (const name of names) {
    const { spec, store, bytes } = await fetchModel(name, options, context);
    context.progress.show(`${spec.id}  packing ${formatBytes(bytes)} …`);
    const path = await packModel(spec, store, out, {
      format: isTar ? "tar" : "folder",
      signal: context.signal,
    });
    context.progress.clear();
    print(`Wrote ${path}: ${spec.id}, ${formatBytes(bytes)}`);
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
