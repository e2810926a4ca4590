import { invalidInput, MaskeryError } from "../errors.js";
import { isRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { paint } from "./paint.js";
import type { PaintLayer, Pattern } from "./paint-layer.js";
import { type PaintRecipe, parseRecipe, RECIPE_VERSION, type RecipeLayer } from "./recipe-schema.js";

/** How names in a recipe become masks and pictures. */
export interface RecipeResolvers {
  /** Gives the mask with a content id, or undefined when there is none. */
  readonly resolveMask?: (id: string) => Mask | undefined | Promise<Mask | undefined>;
  /** Gives a pattern's picture by its reference, or undefined when there is none. */
  readonly resolveImage?: (reference: string) => RgbaImage | undefined | Promise<RgbaImage | undefined>;
}

/** How masks and pictures become names. */
export interface RecipeReferences {
  /** The id to write for a mask instead of its run lengths, such as `await maskContentId(…)`; undefined writes the lengths. */
  readonly maskId?: (mask: Mask, index: number) => string | undefined;
  /** The reference to write for a pattern's picture. Needed when a layer has a pattern. */
  readonly imageReference?: (image: RgbaImage, index: number) => string | undefined;
}

/**
 * Paints a recipe over a picture. The same recipe over the same picture gives the same bytes in Node and in browsers,
 * within 1/255 (see `paint`).
 * @param recipe - Parsed JSON; it is checked here.
 * @throws MaskeryError `INVALID_INPUT` for a broken or newer recipe or a mask of another size than the picture, `NOT_FOUND`
 * when a mask or a picture cannot be resolved.
 */
export async function applyRecipe(
  image: RgbaImage,
  recipe: unknown,
  resolvers: RecipeResolvers = {},
): Promise<RgbaImage> {
  return paint(image, await layersFromRecipe(recipe, resolvers));
}

/** The layers of a recipe, masks and pictures resolved. @throws MaskeryError as `applyRecipe`. */
export async function layersFromRecipe(
  recipe: unknown,
  resolvers: RecipeResolvers = {},
): Promise<PaintLayer[]> {
  const { layers } = parseRecipe(recipe);
  return Promise.all(layers.map((layer, index) => resolveLayer(layer, `recipe.layers[${index}]`, resolvers)));
}

/**
 * Writes layers as a recipe, ready for `JSON.stringify`.
 * @throws MaskeryError `INVALID_INPUT` for a pattern without a reference, or a mask with a soft edge, which run lengths
 * cannot hold: use `feather`, or `mask.with({ alpha: undefined })`.
 */
export function recipeFromLayers(
  layers: readonly PaintLayer[],
  references: RecipeReferences = {},
): PaintRecipe {
  const written = layers.map((layer, index): RecipeLayer => {
    const field = `layers[${index}]`;
    const { mask, pattern, ...settings } = layer;
    // Only what JSON can hold and the schema knows; `undefined` members are left out.
    const plain = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    return {
      ...plain,
      mask: writeMask(mask, index, field, references),
      ...(pattern === undefined ? {} : { pattern: writePattern(pattern, index, field, references) }),
    };
  });
  return parseRecipe({ version: RECIPE_VERSION, layers: written });
}

async function resolveLayer(
  layer: RecipeLayer,
  field: string,
  resolvers: RecipeResolvers,
): Promise<PaintLayer> {
  const { pattern, ...settings } = layer;
  const mask = await resolveMask(layer.mask, field, resolvers);
  const resolved = pattern && { ...pattern, image: await resolvePattern(pattern.image, field, resolvers) };
  // The schema has made sure that there is exactly one of the three fills.
  return { ...settings, mask, ...(resolved && { pattern: resolved }) } as PaintLayer;
}

async function resolveMask(
  mask: RecipeLayer["mask"],
  field: string,
  { resolveMask }: RecipeResolvers,
): Promise<Mask> {
  if ("counts" in mask) {
    try {
      return Mask.fromRle(mask);
    } catch (error) {
      throw invalidInput(
        `${field}.mask`,
        "COCO run lengths",
        error instanceof Error ? error.message : error,
        error,
      );
    }
  }
  const found = await resolveMask?.(mask.id);
  if (found) return found;
  throw new MaskeryError("NOT_FOUND", `${field}.mask.id: there is no mask ${JSON.stringify(mask.id)}`, {
    field: `${field}.mask.id`,
  });
}

async function resolvePattern(
  reference: string,
  field: string,
  { resolveImage }: RecipeResolvers,
): Promise<RgbaImage> {
  const found = await resolveImage?.(reference);
  if (isRgbaImage(found)) return found;
  throw new MaskeryError(
    "NOT_FOUND",
    `${field}.pattern.image: there is no image ${JSON.stringify(reference)}`,
    {
      field: `${field}.pattern.image`,
    },
  );
}

function writeMask(
  mask: Mask,
  index: number,
  field: string,
  { maskId }: RecipeReferences,
): RecipeLayer["mask"] {
  const id = maskId?.(mask, index);
  if (id !== undefined) return { id };
  if (mask.alpha)
    throw invalidInput(`${field}.mask`, "a mask without a soft edge of its own", "one with alpha");
  const { size, counts } = mask.toCocoRle();
  return { size: [size[0], size[1]], counts };
}

function writePattern(
  pattern: Pattern,
  index: number,
  field: string,
  { imageReference }: RecipeReferences,
): NonNullable<RecipeLayer["pattern"]> {
  const image = imageReference?.(pattern.image, index);
  if (image === undefined)
    throw invalidInput(`${field}.pattern.image`, "a reference from imageReference", image);
  const { scale, offset } = pattern;
  return { image, ...(scale === undefined ? {} : { scale }), ...(offset === undefined ? {} : { offset }) };
}
