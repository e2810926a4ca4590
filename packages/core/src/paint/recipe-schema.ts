import { z } from "zod";
import { MaskeryError } from "../errors.js";
import { schemaError } from "../schema-error.js";
import { blendModes } from "./blend-modes.js";
import { parseColor } from "./color.js";

/** Raised when a recipe of an older reader would be painted differently or not understood. */
export const RECIPE_VERSION = 1;

/** Layers that one recipe may hold: far above any real use, low enough to keep a server's work bounded. */
export const MAX_RECIPE_LAYERS = 256;

const colorSchema = z.string().refine(isColor, "a CSS colour");

const stopsSchema = z
  .array(z.strictObject({ at: z.number().min(0).max(1), color: colorSchema }))
  .min(1)
  .max(64);

const gradientSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("linear"), angle: z.number().optional(), stops: stopsSchema }),
  z.strictObject({
    type: z.literal("radial"),
    center: z.strictObject({ x: z.number(), y: z.number() }).optional(),
    radius: z.number().positive().optional(),
    stops: stopsSchema,
  }),
]);

const patternSchema = z.strictObject({
  /** A name for the picture; whoever applies the recipe knows what it stands for. */
  image: z.string().min(1),
  scale: z.number().positive().optional(),
  offset: z.strictObject({ x: z.number(), y: z.number() }).optional(),
});

/** COCO's compressed run lengths in place, or the mask's content id. */
const maskSchema = z.union([
  z.strictObject({ size: z.tuple([z.int().positive(), z.int().positive()]), counts: z.string() }),
  z.strictObject({ id: z.string().min(1) }),
]);

const layerSchema = z
  .strictObject({
    mask: maskSchema,
    color: colorSchema.optional(),
    gradient: gradientSchema.optional(),
    pattern: patternSchema.optional(),
    opacity: z.number().min(0).max(1).optional(),
    blend: z.enum(blendModes).optional(),
    feather: z.number().min(0).optional(),
    keepShading: z.union([z.boolean(), z.number().min(0).max(1)]).optional(),
  })
  .refine(hasOneFill, "exactly one of color, gradient and pattern");

const recipeSchema = z.strictObject({
  version: z.literal(RECIPE_VERSION),
  layers: z.array(layerSchema).max(MAX_RECIPE_LAYERS),
});

/** One layer as plain data. */
export type RecipeLayer = z.infer<typeof layerSchema>;

/** How a mask is named in a recipe. */
export type RecipeMask = z.infer<typeof maskSchema>;

/** A list of paint layers as JSON: store it, send it, and paint the same picture elsewhere. */
export type PaintRecipe = z.infer<typeof recipeSchema>;

/**
 * Reads a recipe from parsed JSON.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault; for a recipe of a newer version it says so.
 */
export function parseRecipe(input: unknown): PaintRecipe {
  const version: unknown =
    typeof input === "object" && input !== null ? (input as { version?: unknown }).version : undefined;
  // Looked at first: what else a newer recipe holds would only give misleading complaints.
  if (typeof version === "number" && version > RECIPE_VERSION) {
    throw new MaskeryError(
      "INVALID_INPUT",
      `recipe.version: expected ${RECIPE_VERSION}, received ${version}: this recipe was made by a newer version of Maskery`,
      { field: "recipe.version" },
    );
  }
  const parsed = recipeSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw schemaError(parsed.error, input, "recipe");
}

function isColor(text: string): boolean {
  try {
    parseColor(text);
    return true;
  } catch {
    return false;
  }
}

function hasOneFill(layer: { color?: unknown; gradient?: unknown; pattern?: unknown }): boolean {
  return [layer.color, layer.gradient, layer.pattern].filter((fill) => fill !== undefined).length === 1;
}
