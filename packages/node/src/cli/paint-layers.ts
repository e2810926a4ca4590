import {
  type CallOptions,
  describeValue,
  invalidInput,
  layersFromRecipe,
  type Mask,
  MaskeryError,
  maskContentId,
  type PaintLayer,
  type Platform,
  type PromptObject,
  parseRecipe,
  RECIPE_VERSION,
  type RecipeLayer,
  type RgbaImage,
} from "@maskery/core";
import { readMaskFile, readSingleMask } from "./mask-file.js";
import { readSourcePicture } from "./source-picture.js";

/** A layer of the command line before its mask is there. */
export interface LayerRequest {
  /** How messages name it, for example `--layer[1]`. */
  readonly name: string;
  /** The layer as a recipe has it; `mask.id` stands for what `source` says. */
  readonly layer: RecipeLayer;
  /** Where its mask comes from; undefined when the layer carries it or names it by content. */
  readonly source:
    | { readonly kind: "file"; readonly path: string }
    | { readonly kind: "prompt"; readonly prompt: PromptObject }
    | undefined;
}

/** An id that no content has, for masks that are still to come. */
const pendingId = (name: string): string => `pending ${name}`;

/**
 * Reads one `--layer`: a layer of a recipe whose `mask` may also be the path of a file, or be left out for `points` and
 * `box` that find it.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, for example `--layer[0].opacity`.
 */
export function parseLayer(text: string, index: number): LayerRequest {
  const name = `--layer[${index}]`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalidInput(name, 'JSON such as {"mask":"wall.png","color":"teal"}', text, cause);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw invalidInput(name, "an object", json);
  const { points, box, units, ...rest } = json as Record<string, unknown>;
  const prompt = {
    ...(points !== undefined && { points }),
    ...(box !== undefined && { box }),
    ...(units !== undefined && { units }),
  };
  const hasPrompt = points !== undefined || box !== undefined;
  const { mask } = rest;
  if (hasPrompt === (mask !== undefined)) {
    throw invalidInput(
      `${name}.mask`,
      "either a mask, or points and box that find it",
      hasPrompt ? "both" : "neither",
    );
  }
  const pending = { id: pendingId(name) };
  if (hasPrompt) {
    return {
      name,
      layer: checkLayer({ ...rest, mask: pending }, name),
      source: { kind: "prompt", prompt: prompt as PromptObject },
    };
  }
  if (typeof mask === "string") {
    return {
      name,
      layer: checkLayer({ ...rest, mask: pending }, name),
      source: { kind: "file", path: mask },
    };
  }
  return { name, layer: checkLayer(rest, name), source: undefined };
}

/** A layer of options instead of JSON: a colour for what a prompt finds. */
export function layerOfPrompt(
  name: string,
  prompt: PromptObject,
  settings: Omit<RecipeLayer, "mask">,
): LayerRequest {
  const layer = checkLayer({ ...settings, mask: { id: pendingId(name) } }, name);
  return { name, layer, source: { kind: "prompt", prompt } };
}

/** The layers of a recipe in a file. @throws MaskeryError `INVALID_INPUT`, `NOT_FOUND`. */
export function parseRecipeText(path: string, text: string): LayerRequest[] {
  try {
    return parseRecipe(JSON.parse(text)).layers.map((layer, index) => ({
      name: `${path}: layers[${index}]`,
      layer,
      source: undefined,
    }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : describeValue(cause);
    throw new MaskeryError("INVALID_INPUT", `--recipe ${path}: ${reason}`, { cause, field: "--recipe" });
  }
}

export interface ResolveOptions extends CallOptions {
  /** Files of masks that recipes name by content. */
  readonly maskFiles: readonly string[];
  /** Finds the objects of all prompts, in order. */
  readonly segment: (prompts: readonly PromptObject[]) => Promise<readonly Mask[]>;
}

/** Gives every layer its mask and its pattern. @throws MaskeryError what reading and segmenting throw; `NOT_FOUND`. */
export async function resolveLayers(
  requests: readonly LayerRequest[],
  platform: Platform,
  { maskFiles, segment, signal }: ResolveOptions,
): Promise<PaintLayer[]> {
  const masks = new Map<string, Mask>();
  for (const path of maskFiles) {
    for (const mask of await readMaskFile(path, platform, { signal }))
      masks.set(await maskContentId(mask, platform.sha256), mask);
  }
  for (const { name, source } of requests) {
    if (source?.kind === "file")
      masks.set(pendingId(name), await readSingleMask(source.path, platform, { signal }));
  }
  const prompted = requests.flatMap(({ name, source }) =>
    source?.kind === "prompt" ? [{ name, prompt: source.prompt }] : [],
  );
  if (prompted.length > 0) {
    const found = await segment(prompted.map(({ prompt }) => prompt)).catch((error: unknown) => {
      throw nameLayer(error, prompted);
    });
    prompted.forEach(({ name }, index) => {
      masks.set(pendingId(name), found[index]!);
    });
  }
  const readPattern = async (path: string): Promise<RgbaImage> => {
    const { bytes } = await readSourcePicture(path, platform, { signal });
    return platform.codec.decode(bytes, { signal });
  };
  return layersFromRecipe(
    { version: RECIPE_VERSION, layers: requests.map(({ layer }) => layer) },
    { resolveMask: (id) => masks.get(id), resolveImage: readPattern },
  );
}

function checkLayer(layer: unknown, name: string): RecipeLayer {
  try {
    return parseRecipe({ version: RECIPE_VERSION, layers: [layer] }).layers[0]!;
  } catch (error) {
    throw renameField(error, /^recipe\.layers\[0\]/, () => name);
  }
}

/** The SDK counts prompts; the user counts layers. */
function nameLayer(error: unknown, prompted: readonly { readonly name: string }[]): unknown {
  return renameField(error, /^prompts\[(\d+)\]/, (index) => prompted[Number(index)]?.name ?? "--layer");
}

function renameField(error: unknown, pattern: RegExp, rename: (group: string) => string): unknown {
  if (!MaskeryError.is(error)) return error;
  const replace = (text: string) => text.replace(pattern, (_match, group: string) => rename(group));
  const field = error.field === undefined ? undefined : replace(error.field);
  return new MaskeryError(error.code, replace(error.message), { cause: error, field });
}
