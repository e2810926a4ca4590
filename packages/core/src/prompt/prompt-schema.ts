import { z } from "zod";

/** Points that one prompt may hold: far above any real use, low enough to keep a decoder run bounded. */
export const MAX_POINTS_PER_PROMPT = 1024;

export const pointSchema = z.strictObject({
  x: z.number(),
  y: z.number(),
  label: z.union([z.literal(0), z.literal(1)]).default(1),
});

const cornersSchema = z.strictObject({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() });

const sizedBoxSchema = z
  .strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
  .transform(({ x, y, width, height }) => ({ x0: x, y0: y, x1: x + width, y1: y + height }));

/** Both spellings of a box, read as corners. The member `x0` decides which one is meant, so errors name the right field. */
export const boxSchema = z.unknown().transform((value, context) => {
  const isCorners = typeof value === "object" && value !== null && "x0" in value;
  const parsed = (isCorners ? cornersSchema : sizedBoxSchema).safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.addIssue({ ...issue, input: value } as never);
  return z.NEVER;
});

export const unitsSchema = z.enum(["pixel", "normalized"]);

/** The shape of a prompt, before it is held against a picture. Masks are checked apart: they are no plain data. */
export const promptSchema = z.strictObject({
  points: z.array(pointSchema).max(MAX_POINTS_PER_PROMPT).default([]),
  box: boxSchema.optional(),
  mask: z.unknown().optional(),
  units: unitsSchema.default("pixel"),
});
