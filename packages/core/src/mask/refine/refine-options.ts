import { z } from "zod";
import { schemaError } from "../../schema-error.js";

/** Above any picture; keeps a typing error from allocating a window around the world. */
const MAX_PIXELS = 1e9;

/**
 * A size along a line: a number of pixels, the same as `{ pixels }`, or `{ fraction }` of the object's size, which is the
 * square root of its area before the first step.
 */
export type PixelLength = number | { readonly pixels: number } | { readonly fraction: number };

/** A size of a surface: a number of pixels, the same as `{ pixels }`, or `{ fraction }` of the object's area at the start. */
export type PixelArea = number | { readonly pixels: number } | { readonly fraction: number };

/** Steps of `Mask.refine`; they always run in the order in which they stand here. */
export interface RefineOptions {
  /** Fills holes of at most this area; `true` fills all. A hole is background that does not reach the picture's edge. */
  readonly fillHoles?: boolean | PixelArea | undefined;
  /** Drops separate pieces of less than this area; the largest piece always stays. */
  readonly dropSpecks?: PixelArea | undefined;
  /** Closing by a disc of this radius: fills cracks and bays up to twice as wide. */
  readonly close?: PixelLength | undefined;
  /** Opening by a disc of this radius: removes hairs and bridges up to twice as wide. */
  readonly open?: PixelLength | undefined;
  /** Rounds the outline: each pixel takes the side that most pixels of the disc of this radius around it are on. */
  readonly smooth?: PixelLength | undefined;
  /** Adds every pixel within this distance. */
  readonly grow?: PixelLength | undefined;
  /** Removes every pixel within this distance of the background. */
  readonly shrink?: PixelLength | undefined;
  /**
   * Moves the outline onto edges of the picture: a clear edge is found from up to two thirds of this far away, and no pixel
   * further away than this changes. `true`: 0.02 of the object, at least 4 pixels.
   */
  readonly snapToEdges?: boolean | PixelLength | undefined;
  /** Alpha from the picture within this distance of the outline, for hair and blur; `true` as for `snapToEdges`. */
  readonly matte?: boolean | PixelLength | undefined;
  /** A soft edge: alpha rises smoothly from this far outside the outline to this far inside. Not together with `matte`. */
  readonly feather?: PixelLength | undefined;
  /** Takes the background's colour out of soft edges: the result is `mask.foreground`. */
  readonly decontaminate?: boolean | undefined;
}

const amount = z.number().min(0).max(MAX_PIXELS);
const sizeSchema = z
  .union([amount, z.strictObject({ pixels: amount }), z.strictObject({ fraction: amount })])
  .optional();
const switchableSize = z
  .union([z.boolean(), amount, z.strictObject({ pixels: amount }), z.strictObject({ fraction: amount })])
  .optional();

const refineSchema = z.strictObject({
  fillHoles: switchableSize,
  dropSpecks: sizeSchema,
  close: sizeSchema,
  open: sizeSchema,
  smooth: sizeSchema,
  grow: sizeSchema,
  shrink: sizeSchema,
  snapToEdges: switchableSize,
  matte: switchableSize,
  feather: sizeSchema,
  decontaminate: z.boolean().optional(),
});

/** @throws MaskeryError `INVALID_INPUT` for unknown steps, negative sizes and other shapes. */
export function parseRefineOptions(input: unknown): RefineOptions {
  const parsed = refineSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw schemaError(parsed.error, input, "refine");
}
