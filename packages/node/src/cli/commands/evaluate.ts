import { createMemoryCacheStore, type EmbeddingPrecision, invalidInput } from "@maskery/core";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { chooseObjects, DEFAULT_SEED, spreadEvenly } from "../../evaluate/choose-objects.js";
import { evaluate } from "../../evaluate/evaluate.js";
import { readDataset } from "../../evaluate/read-dataset.js";
import { type EvaluationProtocol, reportEvaluation, reportTable } from "../../evaluate/report.js";
import { readSelection } from "../../evaluate/selection.js";
import { parseWholeNumber } from "../parse-numbers.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";

interface EvaluateArguments extends SegmenterArguments {
  readonly clicks: string;
  readonly clickLimit: string;
  readonly limit?: string;
  readonly box?: boolean;
  readonly feedback: string;
  readonly session?: boolean;
  readonly embeddingPrecision?: string;
  readonly maps: string;
  readonly objects: string;
  readonly seed: string;
  readonly selection?: string;
  readonly json?: boolean;
}

const EXPLANATION = `
The folder holds pictures name.jpg (or png, webp, tiff, bmp) and label maps name.0.png, name.1.png, … of the same size:
0 is unlabelled, every other value is one object. What comes before the first "_" of a name is its source.

Protocol:
  The first click falls on the centre of the object (the pixel deepest inside it), each next one on the centre of the
  larger error region. The best-scored mask is kept and given back to the model with the next click. Objects of 0.5 % to
  70 % of their picture count. "--objects one" draws one for each label map with Python's random.Random(seed).choice.

Examples:
  $ maskery evaluate ./labelled
  $ maskery evaluate ./labelled --model ./my-model --box --json > report.json
  $ maskery evaluate ./labelled --selection report.json --feedback off
  $ maskery evaluate ./labelled --session --embedding-precision float16

Exit codes: 0 done; 1 failed; 2 bad usage or input.`;

export function addEvaluateCommand(program: Command, run: CommandRunner): void {
  const command = program
    .command("evaluate")
    .summary("measure a model on labelled pictures of your own")
    .description("Clicks on the objects of labelled pictures as a user would, and measures the masks.")
    .argument("<dir>", "folder of pictures and label maps")
    .option("--clicks <count>", "clicks for each object", "5")
    .option(
      "--click-limit <count>",
      "go on to this many clicks to count those needed for IoU 0.80, 0.85 and 0.90",
      "20",
    )
    .option("--limit <count>", "at most this many objects, spread evenly over the folder")
    .option("--box", "also measure each object's box alone as the prompt")
    .option("--feedback <on|off>", "give the mask so far back to the model with the next click", "on")
    .option(
      "--session",
      "click by session.segment with ever longer prompts, as applications do; it gives masks back by itself",
    )
    .option(
      "--embedding-precision <float16|float32>",
      "take embeddings from a store that keeps them so, as a disk cache does",
    )
    .option("--maps <first|all>", "label maps to use of each picture", "first")
    .option("--objects <one|all>", "objects to use of each label map", "one")
    .option("--seed <number>", "for the random choice of one object", String(DEFAULT_SEED))
    .option(
      "--selection <file>",
      "JSON list of { image, map, value }, or an earlier report, instead of a choice",
    )
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", EXPLANATION);
  addSegmenterOptions(command).action((folder: string, options: EvaluateArguments) =>
    run((context) => evaluateFolder(folder, options, context)),
  );
}

async function evaluateFolder(
  folder: string,
  options: EvaluateArguments,
  context: CommandContext,
): Promise<void> {
  const { signal, progress } = context;
  const clicks = parseWholeNumber("--clicks", options.clicks, 1, 100);
  const clickLimit = Math.max(clicks, parseWholeNumber("--click-limit", options.clickLimit, 1, 100));
  const limit = options.limit === undefined ? undefined : parseWholeNumber("--limit", options.limit, 1);
  const seed = parseWholeNumber("--seed", options.seed, 0);
  const maps = oneOf("--maps", options.maps, ["first", "all"] as const);
  const objects = oneOf("--objects", options.objects, ["one", "all"] as const);
  const feedback = oneOf("--feedback", options.feedback, ["on", "off"] as const) === "on";
  const embeddingPrecision =
    options.embeddingPrecision === undefined
      ? undefined
      : oneOf("--embedding-precision", options.embeddingPrecision, ["float16", "float32"] as const);
  const modelOptions = segmenterOptions(options, progress);

  const images = await readDataset(folder);
  const chosen =
    options.selection === undefined
      ? await chooseObjects(images, {
          objects,
          maps,
          seed,
          signal,
          onProgress: (done, total) => progress.show(`Reading label maps ${done + 1} / ${total}`),
        })
      : await readSelection(options.selection, images);
  const limited = limit === undefined ? chosen : spreadEvenly(chosen, limit);
  if (limited.length === 0) throw invalidInput("dir", "an object of 0.5 % to 70 % of its picture", "none");

  progress.show("Loading the model …");
  const segmenter = await createSegmenter({
    ...modelOptions,
    ...(embeddingPrecision && { embeddingCache: onlyInStore(embeddingPrecision) }),
    signal,
  });
  try {
    const evaluation = await evaluate(segmenter, images, limited, {
      clicks,
      clickLimit,
      feedback,
      throughSession: options.session ?? false,
      fromStores: embeddingPrecision !== undefined,
      box: options.box ?? false,
      signal,
      onProgress: (done, total) => progress.show(progressBar(done, total)),
    });
    if (evaluation.objects.length === 0) {
      throw invalidInput("dir", "label maps of their pictures' sizes", evaluation.skipped[0]!.reason);
    }
    const protocol: EvaluationProtocol = {
      clicks,
      clickLimit,
      feedback,
      ...(options.session && { session: true }),
      ...(embeddingPrecision && { embeddingPrecision }),
      ...(options.selection === undefined
        ? { objects, maps, ...(objects === "one" && { seed }) }
        : { objects: "selection" }),
      ...(limit !== undefined && { limit }),
    };
    const report = reportEvaluation(evaluation, segmenter, protocol);
    progress.clear();
    process.stdout.write(`${options.json ? JSON.stringify(report) : reportTable(report)}\n`);
  } finally {
    await segmenter.dispose();
  }
}

/** Holds any one model's embedding of one picture; pictures come one after another. */
const STORE_BYTES = 64 * 1024 * 1024;

/** Without memory in front of it the store is asked each time. */
function onlyInStore(storePrecision: EmbeddingPrecision) {
  return { maxBytes: 0, stores: [createMemoryCacheStore({ maxBytes: STORE_BYTES })], storePrecision };
}

const BAR_CELLS = 30;

function progressBar(done: number, total: number): string {
  const filled = Math.floor((done / total) * BAR_CELLS);
  return `Evaluating [${"#".repeat(filled)}${".".repeat(BAR_CELLS - filled)}] ${done} / ${total} objects`;
}

function oneOf<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw invalidInput(option, choices.join(" or "), text);
  return choice;
}
