import { readFile } from "node:fs/promises";
import {
  formatFromPath,
  type ImageFormat,
  invalidInput,
  MaskeryError,
  type PromptObject,
  paint as paintLayers,
  type RgbaImage,
  recipeFromLayers,
} from "@maskery/core";
import type { Command } from "commander";
import { createSegmenter } from "../../create-segmenter.js";
import { createNodePlatform } from "../../platform.js";
import { nameOptions, type ObjectPrompt } from "../object-prompts.js";
import {
  type LayerRequest,
  layerOfPrompt,
  parseLayer,
  parseRecipeText,
  resolveLayers,
} from "../paint-layers.js";
import { parseDecimal } from "../parse-numbers.js";
import { addPromptOptions, append, type PromptArguments, parsePrompts } from "../prompt-options.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { addSegmenterOptions, type SegmenterArguments, segmenterOptions } from "../segmenter-options.js";
import { readSourcePicture, refuseToOverwrite } from "../source-picture.js";
import { writeResult } from "../write-result.js";

interface PaintArguments extends SegmenterArguments, PromptArguments {
  readonly color?: string;
  readonly opacity?: string;
  readonly blend?: string;
  readonly keepShading?: boolean;
  readonly layer: readonly string[];
  readonly recipe?: string;
  readonly mask: readonly string[];
  readonly saveRecipe?: string;
  readonly out?: string;
  readonly quality?: string;
}

const encodings: readonly ImageFormat[] = ["png", "jpeg", "webp"];

const EXAMPLES = `
Layers are painted in this order: those of --recipe, each --layer, then --color for what --point and --box find.

A layer is JSON: "mask" (the path of a file of one mask, or COCO run lengths) or "points" and "box" that find it; exactly
one of "color", "gradient" and "pattern" ({ "image": path, "scale", "offset" }); and, where wanted, "opacity", "blend",
"feather" and "keepShading". A recipe is { "version": 1, "layers": […] }; masks that it names by id are looked up by their
content among the files given by --mask.

Examples:
  $ maskery paint room.jpg --point 120,300 --color "#c0392b" --keep-shading --out red-room.jpg
  $ maskery paint room.jpg --layer '{"mask":"wall.png","color":"teal","blend":"multiply","opacity":0.7}' --out teal.jpg
  $ maskery paint room.jpg --layer '{"box":{"x0":9,"y0":9,"x1":200,"y1":300},"color":"gold"}' --save-recipe gold.json --out gold.jpg
  $ maskery paint room.jpg --recipe gold.json --out gold-again.png

Exit codes: 0 done; 1 failed; 2 bad usage or input.`;

export function addPaintCommand(program: Command, run: CommandRunner): void {
  const command = program
    .command("paint")
    .summary("paint objects of a picture")
    .description("Paints layers of colour over a picture: flat, blended, or keeping light and texture.")
    .argument("<image>", "path of a picture");
  addPromptOptions(command)
    .option("--color <color>", "a CSS colour for what the points and boxes find")
    .option("--opacity <share>", "with --color: 0 to 1")
    .option("--blend <mode>", "with --color: multiply, overlay, color, … (default: normal)")
    .option("--keep-shading", "with --color: keep light, shadow and texture of what is painted")
    .option("--layer <json>", "one more layer; can be repeated", append, [])
    .option("--recipe <file>", "layers from a recipe")
    .option("--mask <file>", "masks that the recipe names by id; can be repeated", append, [])
    .option("--save-recipe <file>", "write all layers as a recipe")
    .option("--out <file>", "picture to write: .png, .jpg or .webp")
    .option("--quality <number>", "of .jpg and .webp, 1 to 100 (default: 90)")
    .addHelpText("after", EXAMPLES);
  addSegmenterOptions(command).action((image: string, options: PaintArguments) =>
    run((context) => paintPicture(image, options, context)),
  );
}

async function paintPicture(
  path: string,
  options: PaintArguments,
  { signal, progress }: CommandContext,
): Promise<void> {
  const { out } = options;
  if (out === undefined) throw invalidInput("--out", "a file to write to", "none");
  const format = encodingOf(out);
  const quality = options.quality === undefined ? undefined : numberOf("--quality", options.quality, 1, 100);
  const objects = promptObjects(options);
  const requests: LayerRequest[] = [
    ...(options.recipe === undefined
      ? []
      : parseRecipeText(options.recipe, await readRecipe(options.recipe, signal))),
    ...options.layer.map(parseLayer),
    ...objects.map((object, index) =>
      layerOfPrompt(`--color[${index}]`, object.prompt, colorSettings(options)),
    ),
  ];
  if (requests.length === 0)
    throw invalidInput("--layer", "a --layer, a --recipe, or a --color with --point or --box", "none");
  const modelOptions = segmenterOptions(options, progress);
  const platform = createNodePlatform();
  const source = await readSourcePicture(path, platform, { signal });
  await refuseToOverwrite(
    [path, ...options.mask, ...(options.recipe === undefined ? [] : [options.recipe])],
    out,
  );

  const segment = async (prompts: readonly PromptObject[]) => {
    progress.show("Loading the model …");
    const segmenter = await createSegmenter({ ...modelOptions, signal });
    try {
      progress.show(`Segmenting ${path} with ${segmenter.model} on ${segmenter.device} …`);
      const results = await segmenter.segmentMany(source.bytes, prompts, { signal });
      return results.map(({ best }) => best);
    } finally {
      await segmenter.dispose();
    }
  };
  const layers = await resolveLayers(requests, platform, { maskFiles: options.mask, segment, signal }).catch(
    (error: unknown) => {
      throw nameColorPrompt(error, objects);
    },
  );
  progress.show(`Painting ${layers.length} layers …`);
  const picture = paintLayers(await platform.codec.decode(source.bytes, { signal }), layers);
  if (options.saveRecipe !== undefined) {
    const references = patternReferences(requests);
    const recipe = recipeFromLayers(layers, {
      imageReference: (_image: RgbaImage, index: number) => references[index],
    });
    await writeResult(options.saveRecipe, new TextEncoder().encode(`${JSON.stringify(recipe)}\n`), {
      signal,
    });
  }
  const encodeOptions = { signal, format, ...(quality !== undefined && { quality }) };
  await writeResult(out, await platform.codec.encode(picture, encodeOptions), { signal });
  progress.clear();
  const layerCount = layers.length === 1 ? "1 layer" : `${layers.length} layers`;
  process.stdout.write(`Wrote ${out}: ${picture.width} × ${picture.height}, ${layerCount}\n`);
}

function promptObjects(options: PaintArguments): ObjectPrompt[] {
  const hasPrompt = options.point.length + options.box.length > 0;
  if (options.color === undefined) {
    for (const [option, value] of [
      ["--opacity", options.opacity],
      ["--blend", options.blend],
      ["--keep-shading", options.keepShading],
      ["--point", options.point[0]],
      ["--box", options.box[0]],
    ]) {
      if (value !== undefined) throw invalidInput("--color", `a colour together with ${option}`, "none");
    }
    return [];
  }
  if (!hasPrompt) throw invalidInput("--color", "together with --point or --box", "--color alone");
  return parsePrompts(options);
}

function colorSettings({ color, opacity, blend, keepShading }: PaintArguments) {
  return {
    color,
    ...(opacity !== undefined && { opacity: numberOf("--opacity", opacity, 0, 1) }),
    ...(blend !== undefined && { blend: blend as never }),
    ...(keepShading && { keepShading }),
  };
}

/** `--color[1].points[0].x` → `--point 5,900 (points[2].x)`. */
function nameColorPrompt(error: unknown, objects: readonly ObjectPrompt[]): unknown {
  if (!MaskeryError.is(error) || error.field === undefined) return error;
  const field = error.field.replace(/^--color\[(\d+)\]/, "prompts[$1]");
  if (field === error.field) return error;
  const message = field + error.message.slice(error.field.length);
  return nameOptions(new MaskeryError(error.code, message, { cause: error, field }), objects);
}

const patternReferences = (requests: readonly LayerRequest[]): (string | undefined)[] =>
  requests.map(({ layer }) => layer.pattern?.image);

async function readRecipe(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: "utf8", signal });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new MaskeryError(
      "NOT_FOUND",
      `--recipe: expected a file that can be read, received ${JSON.stringify(path)}`,
      { cause },
    );
  }
}

function encodingOf(out: string): ImageFormat {
  try {
    return formatFromPath(out, encodings);
  } catch (cause) {
    throw invalidInput("--out", "a name ending in .png, .jpg or .webp", out, cause);
  }
}

function numberOf(option: string, text: string, least: number, most: number): number {
  const value = parseDecimal(text);
  if (value !== undefined && value >= least && value <= most) return value;
  throw invalidInput(option, `a number from ${least} to ${most}`, text);
}
