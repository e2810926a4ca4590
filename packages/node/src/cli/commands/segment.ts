import { invalidInput } from "@maskery/core";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { createNodePlatform } from "../../platform.js";
import { encodeOutput } from "../encode-output.js";
import { planOutput, STANDARD_OUTPUT } from "../output-formats.js";
import { parseFocus } from "../parse-focus.js";
import { addPromptOptions, type PromptArguments, parsePrompts, segmentObjects } from "../prompt-options.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { collectSegmentation, segmentationJson, segmentationTable } from "../segmentation.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";
import { readSourcePicture, refuseToOverwrite } from "../source-picture.js";
import { writeResult } from "../write-result.js";

interface SegmentArguments extends SegmenterArguments, PromptArguments {
  readonly allMasks?: boolean;
  readonly focus?: boolean;
  readonly focusOn?: string;
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
  $ maskery segment aerial.jpg --point 5120,3088 --focus --out roof.png
  $ maskery segment cat.jpg --point 0.5,0.5 --units normalized --json

Exit codes: 0 done; 1 failed; 2 bad usage or input.`;

export function addSegmentCommand(program: Command, run: CommandRunner): void {
  const command = program
    .command("segment")
    .summary("find an object in a picture by points and boxes")
    .description("Finds objects in a picture by points and boxes, and writes or prints their masks.")
    .argument("<image>", "path of a picture");
  addPromptOptions(command)
    .option("--focus", "look again, at full detail, at the small object that the first look finds")
    .option("--focus-on <x0,y0,x1,y1>", "look at this part of the picture only, at full detail")
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
  const objects = parsePrompts(options);
  const focus = parseFocus(options);
  const plan = planOutput(options.out, options.format);
  if (plan?.path === STANDARD_OUTPUT && options.json)
    throw invalidInput("--out", "a file when --json is given", options.out);
  const modelOptions = segmenterOptions(options, progress);
  const platform = createNodePlatform();
  const source = await readSourcePicture(path, platform, { signal });
  if (plan) await refuseToOverwrite([path], plan.path);

  progress.show("Loading the model …");
  const segmenter = await createSegmenter({ ...modelOptions, signal });
  try {
    progress.show(`Segmenting ${path} with ${segmenter.model} on ${segmenter.device} …`);
    const results = await segmentObjects(segmenter, source.bytes, objects, { signal, focus });
    const found = collectSegmentation(results, options.allMasks ?? false);
    if (plan)
      await writeResult(plan.path, await encodeOutput(plan, found, source, platform.codec, { signal }), {
        signal,
      });
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
}
