import { z } from "zod";

/** Points, boxes or masks in one request at most. */
const MAX_PROMPTS = 256;
/** Masks that a client may pass along; each is a PNG in base64. */
const MAX_PASSED_MASKS = 2000;

const sessionId = z.string().min(1);
const finite = z.number();
const color = z
  .string()
  .max(64)
  .meta({ description: "A CSS colour: `#FF0000`, `rgb(255 0 0)`, `tomato`.", example: "#FF0000" });
const opacity = z.number().min(0).max(1).default(0.7);
const format = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(["PNG", "JPG", "JPEG"]))
  .transform((name) => (name === "JPEG" ? ("JPG" as const) : name))
  .default("PNG")
  .meta({ description: "`PNG` or `JPG`." });
const quality = z.int().min(1).max(100).default(95).meta({ description: "For JPG." });
const maskId = z.union([
  z.int().nonnegative(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const encodedMask = z.string().min(1).meta({
  description: "PNG in base64 or as a data URL, of the picture's size: white inside, black outside.",
});

export const pointSchema = z.object({
  x: finite,
  y: finite,
  label: z.union([z.literal(0), z.literal(1)]).default(1),
});
const boxSchema = z
  .tuple([finite, finite, finite, finite])
  .meta({ description: "[x1, y1, x2, y2] in pixels." });
const pointPair = z.tuple([finite, finite]).meta({ description: "[x, y] in pixels.", example: [500, 300] });
const imageHash = z.string().max(128).optional().meta({
  description:
    "Accepted for clients that send one. Masks and embeddings are found by the picture's content itself.",
});

export const uploadFormSchema = z.object({
  file: z.file().meta({ description: "JPG, PNG, BMP or TIFF; its content decides, not its name." }),
});

export const segmentRequestSchema = z
  .object({
    session_id: sessionId,
    points: z.array(pointSchema).max(MAX_PROMPTS).optional(),
    box: boxSchema.optional(),
    boxes: z.array(boxSchema).max(MAX_PROMPTS).optional().meta({ description: "One object for each box." }),
    mask: encodedMask.optional().meta({ description: "An earlier mask to start from." }),
    mask_id: maskId.optional().meta({ description: "A stored mask to start from." }),
    multimask_output: z.boolean().default(true).meta({ description: "All candidates; else the best alone." }),
  })
  .refine(
    ({ points, box, boxes, mask, mask_id }) =>
      points?.length || box || boxes?.length || mask !== undefined || mask_id !== undefined,
    {
      message: "points, a box, boxes or a mask",
      path: ["points"],
    },
  );

export const generateRequestSchema = z.object({
  session_id: sessionId,
  image_hash: imageHash,
  points_per_side: z.int().min(1).max(128).default(32),
  pred_iou_thresh: z.number().max(1).optional().meta({ description: "Default: what suits the model." }),
  stability_score_thresh: z
    .number()
    .max(1)
    .optional()
    .meta({ description: "Default: what suits the model." }),
});

export const generateAdvancedRequestSchema = generateRequestSchema.extend({
  points_per_batch: z.int().min(1).max(1024).optional(),
  stability_score_offset: z.number().nonnegative().optional(),
  mask_threshold: z.number().optional(),
  box_nms_thresh: z.number().min(0).max(1).optional(),
  crop_n_layers: z.int().min(0).max(3).optional(),
  crop_nms_thresh: z.number().min(0).max(1).optional(),
  crop_overlap_ratio: z.number().min(0).max(1).optional(),
  crop_n_points_downscale_factor: z.int().min(1).optional(),
  min_mask_region_area: z.number().nonnegative().optional(),
  use_m2m: z.boolean().optional(),
  multimask_output: z.boolean().optional(),
});

export type GenerateRequest = z.output<typeof generateAdvancedRequestSchema>;

export const sessionRequestSchema = z.object({ session_id: sessionId, image_hash: imageHash });

export const pointRequestSchema = z.object({
  session_id: sessionId,
  point: pointPair,
  image_hash: imageHash,
});

export const instantRequestSchema = pointRequestSchema.extend({
  all_masks: z
    .array(
      z.union([
        encodedMask,
        z.object({ mask: encodedMask, score: finite.optional(), mask_id: maskId.optional() }),
      ]),
    )
    .max(MAX_PASSED_MASKS)
    .optional()
    .meta({ description: "Masks to choose from. Default: those of the session." }),
});

export const combineRequestSchema = z
  .object({
    session_id: sessionId,
    mask_ids: z.array(maskId).max(MAX_PASSED_MASKS).optional(),
    masks: z.array(encodedMask).max(MAX_PASSED_MASKS).optional(),
    operation: z.enum(["union", "intersect", "subtract", "xor"]).default("union"),
  })
  .refine(({ mask_ids, masks }) => (mask_ids?.length ?? 0) + (masks?.length ?? 0) > 0, {
    message: "at least one mask",
    path: ["mask_ids"],
  });

const oneMask = { mask_id: maskId.optional(), mask: encodedMask.optional() };
const paint = {
  color,
  opacity,
  keep_shading: z.boolean().default(false).meta({ description: "Light and texture of the surface stay." }),
};
const needsMask = { message: "mask_id or mask", path: ["mask_id"] };

export const paintRequestSchema = z
  .object({ session_id: sessionId, ...oneMask, ...paint })
  .refine(({ mask, mask_id }) => mask !== undefined || mask_id !== undefined, needsMask);

export const paintManyRequestSchema = z.object({
  session_id: sessionId,
  masks: z
    .array(
      z
        .object({ ...oneMask, ...paint })
        .refine(({ mask, mask_id }) => mask !== undefined || mask_id !== undefined, needsMask),
    )
    .min(1)
    .max(MAX_PROMPTS)
    .meta({ description: "Painted in order; later ones lie above." }),
});

export const downloadRequestSchema = z.object({ session_id: sessionId, format, quality });

export const downloadPaintedRequestSchema = z
  .object({ session_id: sessionId, ...oneMask, ...paint, format, quality })
  .refine(({ mask, mask_id }) => mask !== undefined || mask_id !== undefined, needsMask);
