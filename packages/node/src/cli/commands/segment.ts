import { realpath } from "node:fs/promises";
import { type CoordinateUnits, defaultImageLimits, invalidInput, type SegmentResult } from "@maskery/core";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { createNodePlatform } from "../../platform.js";
import { writeImageFile } from "../../write-image-file.js";
import { encodeOutput } from "../encode-output.js";
import { dealPrompts, nameOptions, type ObjectPrompt } from "../object-prompts.js";
import { type OutputPlan, planOutput, STANDARD_OUTPUT } from "../output-formats.js";
import { parseBox } from "../parse-box.js";
import { parsePoint } from "../parse-point.js";
import type { CommandContext } from "../run-command.js";
import { collectSegmentation, segmentationJson, segmentationTable } from "../segmentation.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";

interface SegmentArguments extends SegmenterArguments {
  readonly point: readonly string[];
  readonly box: readonly string[];
  readonly units: string;
  readonly allMasks?: boolean;
  readonly out?: string;
  readonly format?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Points and boxes:
  All points describe one object: label 1 (the default) lies on it, label 0 does not.
  Several boxes are several objects; a point belongs to the boxes that contain it.

Formats of --out:
  mask      .png               white on black; several objects together
  cutout    .png .webp         the objects on a transparent ground
  overlay   .png .jpg .webp    the picture with each mask tinted in its own colour
  rle       .json              COCO run lengths, one object or an array
  coco      .json              a COCO dataset with one annotation for each mask
  Without --format a .png file is a mask and a .json file is rle. "--out -" is standard output.

Examples:
  $ maskery segment truck.jpg --point 500,375 --out mask.png
  $ maskery segment truck.jpg --point 500,375 --point 610,120,0 --format cutout --out truck.png
  $ maskery segment street.jpg --box 40,60,310,420 --box 350,80,600,400 --format overlay --out street.jpg
  $ maskery segment cat.jpg --point 0.5,0.5 --units normalized --json

Exit codes: 0 done; 1 failed; 2 bad usage or input.`;

export function addSegmentCommand(
  program: Command,
  run: (work: (context: CommandContext) => Promise<void>) => Promise<void>,
): void {
  const command = program
    .command("segment")
    .summary("find an object in a picture by points and boxes")
    .description("Finds objects in a picture by points and boxes, and writes or prints their masks.")
    .argument("<image>", "path of a picture")
    .option(
      "--point <x,y[,label]>",
      "a point on the object, or with label 0 beside it; can be repeated",
      append,
      [],
    )
    .option(
      "--box <x0,y0,x1,y1>",
      "a box around the object, top left and bottom right; can be repeated",
      append,
      [],
    )
    .option("--units <units>", "of all coordinates: pixel, or normalized (0 to 1)", "pixel")
    .option("--all-masks", "every candidate of the model instead of the best for each object")
    .option("--out <file>", "write the result to a file")
    .option(
      "--format <format>",
      "what to write: mask, cutout, overlay, rle or coco (default: by the extension)",
    )
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", EXAMPLES);
  addSegmenterOptions(command).action((image: string, options: SegmentArguments) =>
    run((context) => segment(image, options, context)),
  );
}

async function segment(
  path: string,
  options: SegmentArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const objects = dealPrompts(
    options.point.map(parsePoint),
    options.box.map(parseBox),
    parseUnits(options.units),
  );
  const plan = planOutput(options.out, options.format);
  if (plan?.path === STANDARD_OUTPUT && options.json)
    throw invalidInput("--out", "a file when --json is given", options.out);
  const modelOptions = segmenterOptions(options);

  // The picture's header is checked before a model is loaded: a wrong path should not cost a second.
  const platform = createNodePlatform();
  const bytes = await platform.readImage(path, { signal, maxBytes: defaultImageLimits.maxBytes });
  await platform.codec.probe(bytes, { signal });
  if (plan) await refuseToOverwrite(path, plan);

  progress.show("Loading the model …");
  const segmenter = await createSegmenter({ ...modelOptions, signal });
  try {
    progress.show(`Segmenting ${path} with ${segmenter.model} on ${segmenter.device} …`);
    const found = collectSegmentation(await segmentObjects(), options.allMasks ?? false);
    if (plan) {
      progress.show(`Writing ${plan.path} …`);
      const encoded = await encodeOutput(plan, found, { path, bytes }, platform.codec, { signal });
      if (plan.path === STANDARD_OUTPUT) process.stdout.write(encoded);
      else await writeImageFile(plan.path, encoded, { signal });
    }
    progress.clear();
    if (options.json) process.stdout.write(`${JSON.stringify(segmentationJson(found))}\n`);
    else if (plan?.path !== STANDARD_OUTPUT) {
      const ending = plan
        ? `Wrote ${plan.path} (${plan.format})`
        : "Nothing was written: add --out mask.png, or --json";
      process.stdout.write(`${segmentationTable(found)}\n${ending}\n`);
    }
  } finally {
    await segmenter.dispose();
  }

  async function segmentObjects(): Promise<SegmentResult[]> {
    const prompts = objects.map(({ prompt }: ObjectPrompt) => prompt);
    try {
      return await segmenter.segmentMany(bytes, prompts, { signal });
    } catch (error) {
      throw nameOptions(error, objects);
    }
  }
}

/** `--out` with the picture's own name would destroy it. */
async function refuseToOverwrite(image: string, plan: OutputPlan): Promise<void> {
  if (plan.path === STANDARD_OUTPUT) return;
  const resolve = (path: string) => realpath(path).catch(() => undefined);
  const [from, to] = await Promise.all([resolve(image), resolve(plan.path)]);
  if (from !== undefined && from === to)
    throw invalidInput("--out", "another file than the picture itself", plan.path);
}

function parseUnits(text: string): CoordinateUnits {
  if (text === "pixel" || text === "normalized") return text;
  throw invalidInput("--units", "pixel or normalized", text);
}

function append(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
