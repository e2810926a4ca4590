import { extname } from "node:path";
import {
  type CutoutOptions,
  cutout,
  formatFromPath,
  type ImageFormat,
  invalidInput,
  Mask,
} from "@maskery/core";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { createNodePlatform } from "../../platform.js";
import { readMaskFile } from "../mask-file.js";
import { parseDecimal, parseWholeNumber } from "../parse-numbers.js";
import {
  addPromptOptions,
  append,
  type PromptArguments,
  parsePrompts,
  segmentObjects,
} from "../prompt-options.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";
import { readSourcePicture, refuseToOverwrite } from "../source-picture.js";
import { writeResult } from "../write-result.js";

interface CutoutArguments extends SegmenterArguments, PromptArguments {
  readonly mask: readonly string[];
  readonly out?: string;
  readonly crop?: boolean;
  readonly padding?: string;
  readonly feather?: string;
  readonly decontaminate?: boolean;
  readonly background?: string;
  readonly shadow?: boolean;
  readonly outline?: string | true;
}

const encodings: readonly ImageFormat[] = ["png", "webp", "jpeg"];

const EXAMPLES = `
The object is found by points and boxes as in "maskery segment", or given by --mask; several are cut out together.

--background is transparent (default), a CSS colour, blur or blur:12 for the old background out of focus, or the path of a
picture that is scaled to cover. A .jpg has no transparency and needs one of the others.

Examples:
  $ maskery cutout cat.jpg --point 160,200 --out cat.png
  $ maskery cutout person.jpg --box 20,12,368,511 --crop --padding 20 --shadow --background "#f4f1ea" --out card.jpg
  $ maskery cutout person.jpg --mask mask.png --feather 2 --decontaminate --background beach.jpg --out beach-person.jpg

Exit codes: 0 done; 1 failed; 2 bad usage or input.`;

export function addCutoutCommand(program: Command, run: CommandRunner): void {
  const command = program
    .command("cutout")
    .summary("take an object out of its picture")
    .description("Takes objects out of a picture, onto a transparent or another ground.")
    .argument("<image>", "path of a picture");
  addPromptOptions(command)
    .option("--mask <file>", "a mask instead of points and boxes; can be repeated", append, [])
    .option("--out <file>", "picture to write: .png, .webp or .jpg")
    .option("--crop", "cut the result to the object")
    .option("--padding <pixels>", "with --crop: leave this much on each side")
    .option("--feather <pixels>", "half the width of the soft edge")
    .option("--decontaminate", "take the colour of the old background out of the edge")
    .option("--background <ground>", "what stands behind the object (default: transparent)")
    .option("--shadow", "a soft shadow behind the object")
    .option("--outline [color]", "a line around the object, as on a sticker (default: white)")
    .addHelpText("after", EXAMPLES);
  addSegmenterOptions(command).action((image: string, options: CutoutArguments) =>
    run((context) => cutOut(image, options, context)),
  );
}

async function cutOut(path: string, options: CutoutArguments, context: CommandContext): Promise<void> {
  const { signal, progress } = context;
  const hasPrompt = options.point.length + options.box.length > 0;
  if (options.mask.length > 0 && hasPrompt)
    throw invalidInput("--mask", "either masks, or points and boxes", "both");
  const objects = options.mask.length > 0 ? [] : parsePrompts(options);
  const { out } = options;
  if (out === undefined) throw invalidInput("--out", "a file to write to", "none");
  const encoding = encodingOf(out);
  const background = options.background ?? "transparent";
  if (encoding === "jpeg" && background === "transparent") {
    throw invalidInput(
      "--background",
      "a colour, blur or a picture for a .jpg, which has no transparency",
      background,
    );
  }
  const modelOptions = segmenterOptions(options, progress);
  const settings = cutoutSettings(options);
  const platform = createNodePlatform();
  const source = await readSourcePicture(path, platform, { signal });
  await refuseToOverwrite([path, ...options.mask], out);
  const ground = await readBackground(background, platform, signal);

  const masks: Mask[] = [];
  for (const file of options.mask) masks.push(...(await readMaskFile(file, platform, { signal })));
  if (objects.length > 0) {
    progress.show("Loading the model …");
    const segmenter = await createSegmenter({ ...modelOptions, signal });
    try {
      progress.show(`Segmenting ${path} with ${segmenter.model} on ${segmenter.device} …`);
      const results = await segmentObjects(segmenter, source.bytes, objects, { signal });
      masks.push(...results.map(({ best }) => best));
    } finally {
      await segmenter.dispose();
    }
  }
  progress.show(`Writing ${out} …`);
  const mask = masks.length === 1 ? masks[0]! : Mask.merge(masks);
  const picture = cutout(await platform.codec.decode(source.bytes, { signal }), mask, {
    ...settings,
    ...(ground !== undefined && { background: ground }),
  });
  await writeResult(out, await platform.codec.encode(picture, { signal, format: encoding }), { signal });
  progress.clear();
  process.stdout.write(`Wrote ${out}: ${picture.width} × ${picture.height}, ${mask.area} px of the object\n`);
}

function encodingOf(out: string): ImageFormat {
  try {
    return formatFromPath(out, encodings);
  } catch (cause) {
    throw invalidInput("--out", "a name ending in .png, .webp or .jpg", out, cause);
  }
}

function cutoutSettings(options: CutoutArguments): CutoutOptions {
  const { padding, feather, outline } = options;
  if (padding !== undefined && !options.crop)
    throw invalidInput("--padding", "together with --crop", "--padding alone");
  const featherPixels = feather === undefined ? undefined : parseDecimal(feather);
  if (feather !== undefined && (featherPixels === undefined || featherPixels < 0)) {
    throw invalidInput("--feather", "a number of pixels, 0 or more", feather);
  }
  return {
    ...(options.crop && { crop: true }),
    ...(padding !== undefined && { padding: parseWholeNumber("--padding", padding, 0, 10_000) }),
    ...(featherPixels !== undefined && { feather: featherPixels }),
    ...(options.decontaminate && { decontaminate: true }),
    ...(options.shadow && { shadow: true }),
    ...(outline !== undefined && { outline: outline === true ? {} : { color: outline } }),
  };
}

/** A picture's path is told from a colour by its extension. */
async function readBackground(
  text: string,
  platform: ReturnType<typeof createNodePlatform>,
  signal: AbortSignal,
): Promise<CutoutOptions["background"]> {
  const blur = /^blur(?::(.+))?$/.exec(text);
  if (blur) {
    const pixels = blur[1] === undefined ? 12 : parseDecimal(blur[1]);
    if (pixels === undefined || pixels < 0)
      throw invalidInput("--background", "blur, or blur: and a number of pixels", text);
    return { blur: pixels };
  }
  if (extname(text) === "") return text;
  const { bytes } = await readSourcePicture(text, platform, { signal });
  return { image: await platform.codec.decode(bytes, { signal }) };
}
