import { invalidInput, MaskeryError } from "@maskery/core";
import { catalogue } from "@maskery/core/catalogue";
import type { Command } from "commander";
import { BUILT_IN_MODEL } from "../../built-in-model.js";
import { findModel } from "../../find-model.js";
import { listModel, listModels, removeModel, verifyModel } from "../../models/installed-models.js";
import { packModel } from "../../models/pack-model.js";
import { formatBytes } from "../format-bytes.js";
import {
  addDirectoryOption,
  addFetchOptions,
  directorySettings,
  type FetchArguments,
  fetchModel,
  type ModelDirectoryArguments,
} from "../model-options.js";
import { listedModelJson, modelInfoJson, modelInfoText, modelTable } from "../model-report.js";
import type { CommandContext, CommandRunner } from "../run-command.js";

interface ListArguments extends ModelDirectoryArguments {
  readonly json?: boolean;
}

interface PackArguments extends FetchArguments {
  readonly out?: string;
}

const EXIT_CODES = "\n\nExit codes: 0 done; 1 failed; 2 bad usage or input.";

const LIST_EXAMPLES = `
A model with * behind its licence is fetched and used only with --accept-license.

Examples:
  $ maskery models list
  $ maskery models list --json${EXIT_CODES}`;

const PULL_EXAMPLES = `
What was downloaded in part goes on where it stopped. Several processes may pull the same model.

Environment: MASKERY_MODEL_DIR, MASKERY_MODEL_MIRROR, MASKERY_OFFLINE, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, and HF_TOKEN for gated
repositories of the Hugging Face hub.

Examples:
  $ maskery models pull sam2.1-tiny
  $ maskery models pull sam2.1-tiny --precision fp16
  $ maskery models pull edgesam --accept-license${EXIT_CODES}`;

const PACK_EXAMPLES = `
The bundle holds one folder for each model, with its files and a maskery.json. Unpack it where there is no network and set
MASKERY_MODEL_DIR to it, or name a model's folder with --model; on a web server it serves as MASKERY_MODEL_MIRROR.

Examples:
  $ maskery models pack sam2.1-tiny mobile-sam --out bundle
  $ maskery models pack sam2.1-tiny --precision fp16 --out sam2.1-tiny.tar${EXIT_CODES}`;

export function addModelsCommand(program: Command, run: CommandRunner): void {
  const models = program
    .command("models")
    .summary("list, download, check and pack models")
    .description("Lists the models that Maskery knows, and looks after those on this machine.")
    .helpCommand(false);
  addDirectoryOption(models.command("list"))
    .summary("list the models")
    .description("Lists the built-in model, the catalogue, and other models in the model folder.")
    .option("--json", "print one JSON array, and nothing else, on standard output")
    .addHelpText("after", LIST_EXAMPLES)
    .action((options: ListArguments) => run(() => list(options)));
  addDirectoryOption(models.command("info"))
    .summary("tell all about one model")
    .description("Prints what is known of a model: terms, layout, files, hashes, and whether it is here.")
    .argument("<model>", "id or alias, or path of a folder with a maskery.json")
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", `\nExamples:\n  $ maskery models info sam2.1-tiny${EXIT_CODES}`)
    .action((model: string, options: ListArguments) => run((context) => info(model, options, context)));
  addFetchOptions(models.command("pull"))
    .summary("download models")
    .description("Downloads models, so that they work without a network afterwards.")
    .argument("<models...>", "ids or aliases")
    .addHelpText("after", PULL_EXAMPLES)
    .action((names: string[], options: FetchArguments) => run((context) => pull(names, options, context)));
  addDirectoryOption(models.command("verify"))
    .summary("check the files of models")
    .description("Reads every file of models on this machine again and compares it with its hash.")
    .argument("[models...]", "ids, aliases or folders (default: all that are here)")
    .option("--json", "print one JSON array, and nothing else, on standard output")
    .addHelpText(
      "after",
      `\nExamples:\n  $ maskery models verify\n  $ maskery models verify sam2.1-tiny${EXIT_CODES}`,
    )
    .action((names: string[], options: ListArguments) => run((context) => verify(names, options, context)));
  addDirectoryOption(models.command("remove"))
    .summary("remove downloaded models")
    .description("Removes models, in every precision, from the model folder.")
    .argument("<models...>", "ids or aliases")
    .addHelpText("after", `\nExamples:\n  $ maskery models remove sam2.1-tiny${EXIT_CODES}`)
    .action((names: string[], options: ModelDirectoryArguments) =>
      run((context) => remove(names, options, context)),
    );
  addFetchOptions(models.command("pack"))
    .summary("write an offline bundle")
    .description("Writes models into a folder or a tar file that works without a network.")
    .argument("<models...>", "ids or aliases, or paths of folders with a maskery.json")
    .option("--out <path>", "folder, or name of one .tar file for one model")
    .addHelpText("after", PACK_EXAMPLES)
    .action((names: string[], options: PackArguments) => run((context) => pack(names, options, context)));
}

async function list(options: ListArguments): Promise<void> {
  const { directory } = directorySettings(options);
  const models = await listModels(directory);
  if (options.json) return print(JSON.stringify(models.map(listedModelJson)));
  print(modelTable(models));
  print(`\nDownloads are kept in ${directory}`);
}

async function info(name: string, options: ListArguments, { signal }: CommandContext): Promise<void> {
  const found = await findModel(name, { signal, modelDirectory: directorySettings(options).directory });
  const isKnown = catalogue.some((model) => model.id === found.spec.id);
  const source = name === BUILT_IN_MODEL ? "package" : isKnown ? "catalogue" : "model directory";
  const model = await listModel(found, source);
  print(options.json ? JSON.stringify(modelInfoJson(model)) : modelInfoText(model));
}

async function pull(
  names: readonly string[],
  options: FetchArguments,
  context: CommandContext,
): Promise<void> {
  for (const name of names) {
    const { spec, folder, bytes } = await fetchModel(name, options, context);
    const { encoder = "fp32", decoder = "fp32" } = spec.precision ?? {};
    print(`${spec.id}: encoder ${encoder}, decoder ${decoder}, ${formatBytes(bytes)} in ${folder}`);
  }
}

async function verify(
  names: readonly string[],
  options: ListArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const { directory } = directorySettings(options);
  const chosen =
    names.length > 0
      ? await Promise.all(names.map((name) => findModel(name, { signal, modelDirectory: directory })))
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

async function remove(
  names: readonly string[],
  options: ModelDirectoryArguments,
  { signal }: CommandContext,
): Promise<void> {
  const { directory } = directorySettings(options);
  for (const name of names) {
    const found = await findModel(name, { signal, modelDirectory: directory });
    const bytes = await removeModel(found, directory);
    print(`${found.spec.id}: removed ${formatBytes(bytes)} from ${directory}`);
  }
}

async function pack(
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
