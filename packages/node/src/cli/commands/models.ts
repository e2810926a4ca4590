import type { Command } from "commander";
import {
  infoOfModel,
  type ListArguments,
  listAllModels,
  type PackArguments,
  packModels,
  pullModels,
  removeModels,
  verifyModels,
} from "../model-actions.js";
import {
  addDirectoryOption,
  addFetchOptions,
  type FetchArguments,
  type ModelDirectoryArguments,
} from "../model-options.js";
import type { CommandRunner } from "../run-command.js";

const EXIT_CODES = "\n\nExit codes: 0 done; 1 failed; 2 bad usage or input.";

const LIST_EXAMPLES = `
Models of the task prompt are for --model; those of the tasks classes and foreground for the options classModel and
foregroundModel of createSegmenter. A model with * behind its licence is fetched and used only with --accept-license.

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
  $ maskery models pull detr-panoptic u2netp
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
    .description(
      "Lists the built-in model, the catalogue of every task (prompt, classes, foreground), and other models in the model folder.",
    )
    .option("--json", "print one JSON array, and nothing else, on standard output")
    .addHelpText("after", LIST_EXAMPLES)
    .action((options: ListArguments) => run(() => listAllModels(options)));
  addDirectoryOption(models.command("info"))
    .summary("tell all about one model")
    .description(
      "Prints what is known of a model: task, terms, layout, files, hashes, and whether it is here.",
    )
    .argument("<model>", "id or alias, or path of a folder with a maskery.json")
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", `\nExamples:\n  $ maskery models info sam2.1-tiny${EXIT_CODES}`)
    .action((model: string, options: ListArguments) =>
      run((context) => infoOfModel(model, options, context)),
    );
  addFetchOptions(models.command("pull"))
    .summary("download models")
    .description("Downloads models, so that they work without a network afterwards.")
    .argument("<models...>", "ids or aliases")
    .addHelpText("after", PULL_EXAMPLES)
    .action((names: string[], options: FetchArguments) =>
      run((context) => pullModels(names, options, context)),
    );
  addDirectoryOption(models.command("verify"))
    .summary("check the files of models")
    .description("Reads every file of models on this machine again and compares it with its hash.")
    .argument("[models...]", "ids, aliases or folders (default: all that are here)")
    .option("--json", "print one JSON array, and nothing else, on standard output")
    .addHelpText(
      "after",
      `\nExamples:\n  $ maskery models verify\n  $ maskery models verify sam2.1-tiny${EXIT_CODES}`,
    )
    .action((names: string[], options: ListArguments) =>
      run((context) => verifyModels(names, options, context)),
    );
  addDirectoryOption(models.command("remove"))
    .summary("remove downloaded models")
    .description("Removes models, in every precision, from the model folder.")
    .argument("<models...>", "ids or aliases")
    .addHelpText("after", `\nExamples:\n  $ maskery models remove sam2.1-tiny${EXIT_CODES}`)
    .action((names: string[], options: ModelDirectoryArguments) =>
      run((context) => removeModels(names, options, context)),
    );
  addFetchOptions(models.command("pack"))
    .summary("write an offline bundle")
    .description("Writes models into a folder or a tar file that works without a network.")
    .argument("<models...>", "ids or aliases, or paths of folders with a maskery.json")
    .option("--out <path>", "folder, or name of one .tar file for one model")
    .addHelpText("after", PACK_EXAMPLES)
    .action((names: string[], options: PackArguments) =>
      run((context) => packModels(names, options, context)),
    );
}
