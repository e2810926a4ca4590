import { blendModes, parseColor } from "@maskery/core";
import { z } from "zod";
import { absentMeans, mayBeAbsent } from "../../service/absent-member.js";

/** Points, boxes or masks in one request at most. */
const MAX_PROMPTS = 256;
/** Masks that a client may pass along; each is a PNG in base64. */
const MAX_PASSED_MASKS = 2000;

const sessionId = z.string().min(1);
const finite = z.number();
const color = z
  .string()
  .max(64)
  .refine(isColor, { message: "a CSS colour such as #FF0000, rgb(255 0 0) or tomato" })
  .meta({ description: "A CSS colour: `#FF0000`, `rgb(255 0 0)`, `tomato`.", example: "#FF0000" });
const opacity = absentMeans(
  z.number().min(0).max(1).meta({ description: "0 leaves the picture as it is, 1 hides it." }),
  0.7,
);
const blend = absentMeans(
  z.enum(blendModes).meta({ description: "How the paint meets what lies under it." }),
  "normal",
);
const format = absentMeans(
  z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.enum(["PNG", "JPG", "JPEG"]))
    .transform((name) => (name === "JPEG" ? ("JPG" as const) : name))
    .meta({ description: "`PNG`, which is the default, or `JPG`." }),
  "PNG",
);
const quality = absentMeans(z.int().min(1).max(100).meta({ description: "For JPG." }), 95);
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
/** As the server answers them: a client may send back what it got. */
const passedMask = z.union([
  encodedMask,
  z.object({ mask: encodedMask, score: mayBeAbsent(finite), mask_id: mayBeAbsent(maskId) }),
]);

export const pointSchema = z.object({
  x: finite,
  y: finite,
  label: absentMeans(z.union([z.literal(0), z.literal(1)]), 1),
});
const boxSchema = z
  .tuple([finite, finite, finite, finite])
  .refine(([x1, y1, x2, y2]) => x1 < x2 && y1 < y2, {
    message: "[x1, y1, x2, y2], x1 below x2 and y1 below y2",
  })
  .meta({ description: "[x1, y1, x2, y2] in pixels." });
const pointPair = z.tuple([finite, finite]).meta({ description: "[x, y] in pixels.", example: [500, 300] });
const imageHash = mayBeAbsent(
  z.string().max(128).meta({
    description:
      "Accepted for clients that send one. Masks and embeddings are found by the picture's content itself.",
  }),
);

export const uploadFormSchema = z.object({
  file: z.file().meta({
    description:
      "JPG, JPEG, PNG, BMP or TIFF, 50 MB at most. Name and type must not say something else; the content decides.",
  }),
});

export const segmentRequestSchema = z
  .object({
    session_id: sessionId,
    points: mayBeAbsent(z.array(pointSchema).max(MAX_PROMPTS)),
    box: mayBeAbsent(boxSchema),
    boxes: mayBeAbsent(z.array(boxSchema).max(MAX_PROMPTS).meta({ description: "One object for each box." })),
    mask: mayBeAbsent(encodedMask.meta({ description: "An earlier mask to start from." })),
    mask_id: mayBeAbsent(maskId.meta({ description: "A stored mask to start from." })),
    multimask_output: absentMeans(
      z.boolean().meta({ description: "All candidates; else the best alone." }),
      true,
    ),
  })
  .refine(
    ({ points, box, boxes, mask, mask_id }) =>
      points?.length || box || boxes?.length || mask !== undefined || mask_id !== undefined,
    {
      message: "points, a box, boxes or a mask",
      path: ["points"],
    },
  );

export const sessionRequestSchema = z.object({ session_id: sessionId, image_hash: imageHash });

export const pointRequestSchema = z.object({
  session_id: sessionId,
  point: pointPair,
  image_hash: imageHash,
});

export const instantRequestSchema = pointRequestSchema.extend({
  all_masks: mayBeAbsent(
    z
      .array(passedMask)
      .max(MAX_PASSED_MASKS)
      .meta({ description: "Masks to choose from. Default: those of the session." }),
  ),
});

export const combineRequestSchema = z
  .object({
    session_id: sessionId,
    mask_ids: mayBeAbsent(z.array(maskId).max(MAX_PASSED_MASKS)),
    masks: mayBeAbsent(z.array(passedMask).max(MAX_PASSED_MASKS)),
    operation: absentMeans(z.enum(["union", "intersect", "subtract", "xor"]), "union"),
  })
  .refine(({ mask_ids, masks }) => (mask_ids?.length ?? 0) + (masks?.length ?? 0) > 0, {
    message: "at least one mask",
    path: ["mask_ids"],
  });

/** One coat of paint: a mask by number or passed along, and how it is laid on. */
const paint = {
  mask_id: mayBeAbsent(maskId),
  mask: mayBeAbsent(encodedMask),
  color,
  opacity,
  blend,
  keep_shading: absentMeans(
    z.boolean().meta({ description: "Light and texture of the surface stay." }),
    false,
  ),
};
const needsMask = { message: "mask_id or mask", path: ["mask_id"] };
const paintSchema = z.object(paint).refine(hasMask, needsMask);

export type Paint = z.output<typeof paintSchema>;

export const paintRequestSchema = z.object({ session_id: sessionId, ...paint }).refine(hasMask, needsMask);

export const paintManyRequestSchema = z.object({
  session_id: sessionId,
  masks: z
    .array(paintSchema)
    .min(1)
    .max(MAX_PROMPTS)
    .meta({ description: "Painted in order; later ones lie above." }),
});

export const downloadRequestSchema = z.object({ session_id: sessionId, format, quality });

export const downloadPaintedRequestSchema = z
  .object({ session_id: sessionId, ...paint, format, quality })
  .refine(hasMask, needsMask);

function hasMask({ mask, mask_id }: { mask?: unknown; mask_id?: unknown }): boolean {
  return mask !== undefined || mask_id !== undefined;
}

function isColor(text: string): boolean {
  try {
    parseColor(text);
    return true;
  } catch {
    return false;
  }
}
