import { z } from "zod";

const sideSchema = z.number().int().positive();
const channelsSchema = z.tuple([z.number(), z.number(), z.number()]);
const spreadSchema = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

/** How a picture becomes the input of a model that answers without prompts. */
export const pictureInputSchema = z.strictObject({
  resize: z.discriminatedUnion("rule", [
    /** To exactly this size, ratio lost. */
    z.strictObject({ rule: z.literal("stretch"), width: sideSchema, height: sideSchema }),
    /** Into the middle of this size, ratio kept; around it the gray value `fill`. */
    z.strictObject({
      rule: z.literal("letterbox"),
      width: sideSchema,
      height: sideSchema,
      fill: z.number().int().min(0).max(255),
    }),
    /** Shorter side to `side`, but the longer one to `longest` at most. Ratio kept, lengths truncated. */
    z.strictObject({ rule: z.literal("shorter"), side: sideSchema, longest: sideSchema.optional() }),
    /** At its own size; shrunk where the longer side is beyond `longest`. */
    z.strictObject({ rule: z.literal("own"), longest: sideSchema.optional() }),
  ]),
  /** What both sides of the input must be multiples of, and how they get there. Padding is on the right and at the bottom. */
  multiple: z.strictObject({ of: sideSchema, by: z.enum(["padding", "stretching"]) }).optional(),
  /** Both with antialias. Default `"bilinear"`. */
  filter: z.enum(["bilinear", "lanczos"]).optional(),
  /** Order of the channels. Default `"rgb"`. */
  channels: z.enum(["rgb", "bgr"]).optional(),
  /** `"own"`: values are scaled first, so that the brightest of the resized picture becomes 255. */
  maximum: z.literal("own").optional(),
  /** Per channel of the input, in its order, on the scale 0..255: `(value - mean) / std`. Padding is 0 after that. */
  mean: channelsSchema,
  std: spreadSchema,
});

export type PictureInput = z.infer<typeof pictureInputSchema>;
