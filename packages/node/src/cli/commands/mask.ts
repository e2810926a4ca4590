import { invalidInput, Mask, type MaskOperation, maskContentId, type RefineOptions } from "@maskery/core";
import type { Command } from "commander";
import { createNodePlatform } from "../../platform.js";
import { alignColumns } from "../align-columns.js";
import { readMaskFile, readSingleMask } from "../mask-file.js";
import { encodeMasks, planMaskOutput } from "../mask-formats.js";
import { STANDARD_OUTPUT } from "../output-formats.js";
import { parseLength, parseOptionalLength } from "../parse-length.js";
import { parseDecimal, parseWholeNumber } from "../parse-numbers.js";
import { parseSize } from "../parse-size.js";
import type { CommandContext, CommandRunner } from "../run-command.js";
import { readSourcePicture, refuseToOverwrite } from "../source-picture.js";
import { writeResult } from "../write-result.js";

interface ReadArguments {
  readonly size?: string;
  readonly threshold?: string;
}

interface WriteArguments extends ReadArguments {
  readonly out?: string;
  readonly format?: string;
  readonly tolerance?: string;
}

interface CombineArguments extends WriteArguments {
  readonly operation: string;
}

interface RefineArguments extends WriteArguments {
  readonly image?: string;
  readonly fillHoles?: string | true;
  readonly dropSpecks?: string;
  readonly close?: string;
  readonly open?: string;
  readonly smooth?: string;
  readonly grow?: string;
  readonly shrink?: string;
  readonly snapToEdges?: string | true;
  readonly matte?: string | true;
  readonly feather?: string;
}

interface InfoArguments extends ReadArguments {
  readonly json?: boolean;
}

const operations: readonly MaskOperation[] = ["union", "intersect", "subtract", "xor"];

const FORMATS = `
Masks are read from pictures (png, webp, …), COCO run lengths and datasets, the output of "maskery segment --json",
GeoJSON, SVG, YOLO labels and packed bits. The content decides, not the name. Those that do not know the size of their
picture need --size.

Formats of --out:
  png       .png            white on black; gray where the mask has a soft edge
  png1      .png            one bit a pixel
  webp      .webp           white with the mask as alpha, ready as a CSS mask
  svg       .svg            an outline with holes
  geojson   .geojson .json  an outline with holes, in pixels
  rle       .json           COCO run lengths, one object or an array
  coco      .json           a COCO dataset with one annotation for each mask
  yolo      .txt            a YOLO segmentation label file, class 0
  labels    .png            a label map: 1, 2, … for the masks in their order
  packed    .gz             one bit a pixel, compressed
  Without --format the extension decides: .json is rle, .png is png.`;

const EXIT_CODES = "\n\nExit codes: 0 done; 1 failed; 2 bad usage or input.";

const CONVERT_EXAMPLES = `${FORMATS}

Examples:
  $ maskery mask convert mask.png --out mask.svg --tolerance 1
  $ maskery mask convert masks.json --format coco --out dataset.json
  $ maskery mask convert outline.geojson --size 640x480 --out mask.png${EXIT_CODES}`;

const COMBINE_EXAMPLES = `
"subtract" takes all others from the first mask; "xor" keeps what lies in an odd number of masks.
${FORMATS}

Examples:
  $ maskery mask combine wall.png windows.png --operation subtract --out paintable.png
  $ maskery mask combine coins.json --out all-coins.png${EXIT_CODES}`;

const REFINE_EXAMPLES = `
Sizes are pixels (3) or a share of the object (2%). The steps always run in the order in which they are listed above.
--snap-to-edges and --matte look at the picture and need --image.
${FORMATS}

Examples:
  $ maskery mask refine mask.png --fill-holes --drop-specks 50 --smooth 2 --out clean.png
  $ maskery mask refine mask.png --matte 8 --image cat.jpg --out soft.png${EXIT_CODES}`;

const INFO_EXAMPLES = `

Examples:
  $ maskery mask info mask.png
  $ maskery mask info masks.json --json${EXIT_CODES}`;

export function addMaskCommand(program: Command, run: CommandRunner): void {
  const mask = program
    .command("mask")
    .summary("convert, combine, refine and describe masks")
    .description("Works on masks in files.");

  addWriteOptions(
    mask
      .command("convert")
      .description("Writes masks in another format.")
      .argument("<mask>", "file of masks"),
  )
    .addHelpText("after", CONVERT_EXAMPLES)
    .action((path: string, options: WriteArguments) => run((context) => convert(path, options, context)));

  addWriteOptions(
    mask
      .command("combine")
      .description("Makes one mask of many.")
      .argument("<masks...>", "files of masks")
      .option("--operation <name>", operations.join(", "), "union"),
  )
    .addHelpText("after", COMBINE_EXAMPLES)
    .action((paths: string[], options: CombineArguments) =>
      run((context) => combine(paths, options, context)),
    );

  addWriteOptions(
    mask
      .command("refine")
      .description("Repairs and softens a mask.")
      .argument("<mask>", "file of one mask")
      .option("--fill-holes [area]", "fill holes of at most this area; alone: all")
      .option("--drop-specks <area>", "drop separate pieces below this area")
      .option("--close <size>", "fill cracks and bays up to twice as wide")
      .option("--open <size>", "remove hairs and bridges up to twice as wide")
      .option("--smooth <size>", "round the outline")
      .option("--grow <size>", "add every pixel within this distance")
      .option("--shrink <size>", "remove every pixel within this distance of the border")
      .option("--snap-to-edges [size]", "move the outline onto edges of the picture at most this far away")
      .option("--matte [size]", "a soft edge after the picture, for hair and blur")
      .option("--feather <size>", "a soft edge of this half width")
      .option("--image <file>", "the picture that the mask belongs to"),
  )
    .addHelpText("after", REFINE_EXAMPLES)
    .action((path: string, options: RefineArguments) => run((context) => refine(path, options, context)));

  addReadOptions(mask.command("info").description("Describes masks.").argument("<mask>", "file of masks"))
    .option("--json", "print one JSON object, and nothing else, on standard output")
    .addHelpText("after", INFO_EXAMPLES)
    .action((path: string, options: InfoArguments) => run((context) => info(path, options, context)));
}

function addReadOptions(command: Command): Command {
  return command
    .option("--size <width>x<height>", "size of the picture, for formats that do not know it")
    .option("--threshold <value>", "foreground of pictures from this value on, 0 to 255 (default: 128)");
}

function addWriteOptions(command: Command): Command {
  return addReadOptions(command)
    .option("--out <file>", 'file to write; "-" is standard output')
    .option("--format <format>", "what to write (default: by the extension)")
    .option("--tolerance <pixels>", "simplify outlines by at most this much (default: exact)");
}

async function convert(path: string, options: WriteArguments, context: CommandContext): Promise<void> {
  const write = prepareWriting(options, [path], context);
  const masks = await readMaskFile(path, createNodePlatform(), readOptions(options, context));
  await write(masks, path);
}

async function combine(
  paths: readonly string[],
  options: CombineArguments,
  context: CommandContext,
): Promise<void> {
  const operation = operations.find((name) => name === options.operation);
  if (!operation) throw invalidInput("--operation", operations.join(", "), options.operation);
  const write = prepareWriting(options, paths, context);
  const platform = createNodePlatform();
  const masks: Mask[] = [];
  for (const path of paths)
    masks.push(...(await readMaskFile(path, platform, readOptions(options, context))));
  await write([Mask.combine(masks, operation)], paths[0]!);
}

async function refine(path: string, options: RefineArguments, context: CommandContext): Promise<void> {
  const steps = refineSteps(options);
  if (Object.keys(steps).length === 0)
    throw invalidInput("--smooth", "at least one step, such as --fill-holes or --smooth 2", "none");
  const looksAtImage = steps.snapToEdges !== undefined || steps.matte !== undefined;
  if (looksAtImage && options.image === undefined)
    throw invalidInput("--image", "the mask's picture, for --snap-to-edges and --matte", "none");
  const write = prepareWriting(
    options,
    [path, ...(options.image === undefined ? [] : [options.image])],
    context,
  );
  const platform = createNodePlatform();
  const mask = await readSingleMask(path, platform, readOptions(options, context));
  const { signal } = context;
  const image = looksAtImage
    ? await platform.codec.decode((await readSourcePicture(options.image!, platform, { signal })).bytes, {
        signal,
      })
    : undefined;
  await write([mask.refine(steps, image)], path);
}

function refineSteps(options: RefineArguments): RefineOptions {
  const length = (name: string, value: string | undefined) =>
    value === undefined ? undefined : parseLength(name, value);
  const switchable = (name: string, value: string | true | undefined) =>
    value === undefined ? undefined : parseOptionalLength(name, value);
  const steps: RefineOptions = {
    fillHoles: switchable("--fill-holes", options.fillHoles),
    dropSpecks: length("--drop-specks", options.dropSpecks),
    close: length("--close", options.close),
    open: length("--open", options.open),
    smooth: length("--smooth", options.smooth),
    grow: length("--grow", options.grow),
    shrink: length("--shrink", options.shrink),
    snapToEdges: switchable("--snap-to-edges", options.snapToEdges),
    matte: switchable("--matte", options.matte),
    feather: length("--feather", options.feather),
  };
  return Object.fromEntries(Object.entries(steps).filter(([, value]) => value !== undefined));
}

async function info(path: string, options: InfoArguments, context: CommandContext): Promise<void> {
  const platform = createNodePlatform();
  const masks = await readMaskFile(path, platform, readOptions(options, context));
  const described = await Promise.all(
    masks.map(async (mask) => {
      const pieces = mask.contours();
      return {
        area: mask.area,
        bbox: mask.bbox,
        centroid: mask.centroid ?? null,
        pieces: pieces.length,
        holes: pieces.reduce((count, { holes }) => count + holes.length, 0),
        id: await maskContentId(mask, platform.sha256),
      };
    }),
  );
  const [{ width, height }] = masks as [Mask, ...Mask[]];
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ image: { width, height }, masks: described })}\n`);
    return;
  }
  const rows = described.map(({ area, bbox, pieces, holes, id }) => [
    `${area} px`,
    `${((100 * area) / (width * height)).toFixed(1)} %`,
    String(pieces),
    String(holes),
    `${bbox.x},${bbox.y}  ${bbox.width} × ${bbox.height}`,
    id.slice(0, 12),
  ]);
  const table = alignColumns(
    [["area", "of image", "pieces", "holes", "bbox (x,y  width × height)", "id"], ...rows],
    [4, 5],
  );
  process.stdout.write(`${[`${width} × ${height} pixels`, "", ...table].join("\n")}\n`);
}

function readOptions({ size, threshold }: ReadArguments, { signal }: CommandContext) {
  return {
    signal,
    size: parseSize("--size", size),
    ...(threshold !== undefined && { threshold: parseWholeNumber("--threshold", threshold, 0, 255) }),
  };
}

/** Checks everything about the output before any work is done. */
function prepareWriting(options: WriteArguments, inputs: readonly string[], { signal }: CommandContext) {
  const plan = planMaskOutput(options.out, options.format);
  const tolerancePixels = options.tolerance === undefined ? undefined : parseDecimal(options.tolerance);
  if (options.tolerance !== undefined && (tolerancePixels === undefined || tolerancePixels < 0)) {
    throw invalidInput("--tolerance", "a number of pixels, 0 or more", options.tolerance);
  }
  return async (masks: readonly Mask[], imageName: string): Promise<void> => {
    await refuseToOverwrite(inputs, plan.path);
    const { codec } = createNodePlatform();
    await writeResult(
      plan.path,
      await encodeMasks(masks, plan.format, codec, { signal, tolerancePixels, imageName }),
      { signal },
    );
    if (plan.path === STANDARD_OUTPUT) return;
    const [{ width, height, area }] = masks as [Mask, ...Mask[]];
    const what = masks.length === 1 ? `one mask of ${area} px` : `${masks.length} masks`;
    process.stdout.write(`Wrote ${plan.path} (${plan.format}): ${what}, ${width} × ${height}\n`);
  };
}
