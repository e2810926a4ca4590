import { z } from "zod";
import { invalidInput, MaskeryError } from "../errors.js";
import { Mask, type MaskDetails } from "../mask/mask.js";
import { schemaError } from "../schema-error.js";
import type { MaskCollection } from "./mask-collection.js";
import type { PromptHistory, PromptStep } from "./prompt-history.js";

/** Version of the form below; a reader refuses a newer one. */
export const SESSION_DOCUMENT_VERSION = 1;

const maskSchema = z.object({
  size: z.tuple([z.number(), z.number()]),
  counts: z.string(),
  score: z.number().optional(),
});

const pointSchema = z.object({ x: z.number(), y: z.number(), label: z.union([z.literal(0), z.literal(1)]) });

/** The part of the picture that a prompt was focused on. */
const windowSchema = z.object({
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
});

const documentSchema = z.object({
  version: z.literal(SESSION_DOCUMENT_VERSION),
  /** The picture's size, and the hash of its content. */
  image: z.object({ width: z.number(), height: z.number(), hash: z.string() }),
  model: z.string(),
  masks: z.array(
    z.object({
      id: z.string(),
      name: z.string().optional(),
      stability: z.number().optional(),
      mask: maskSchema,
    }),
  ),
  steps: z.array(
    z.object({
      id: z.number().int().positive(),
      parent: z.number().int().positive().optional(),
      points: z.array(pointSchema),
      box: z.object({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() }).optional(),
      focus: windowSchema.optional(),
      best: maskSchema,
    }),
  ),
  current: z.number().int().positive().optional(),
});

/** A session as JSON: prompts and masks (COCO run lengths), not the picture and not the model's scores per pixel. */
export type SessionDocument = z.infer<typeof documentSchema>;

export interface SessionContent {
  readonly masks: MaskCollection;
  readonly history: PromptHistory;
}

export function writeSessionDocument(
  { masks, history }: SessionContent,
  about: Pick<SessionDocument, "image" | "model">,
): SessionDocument {
  return {
    version: SESSION_DOCUMENT_VERSION,
    ...about,
    masks: [...masks].map(({ id, name, stability, mask }) => ({
      id,
      ...(name !== undefined && { name }),
      ...(stability !== undefined && { stability }),
      mask: writeMask(mask),
    })),
    steps: history.steps.map(({ id, parent, points, box, focus, best }) => ({
      id,
      ...(parent !== undefined && { parent }),
      points: [...points],
      ...(box && { box }),
      ...(focus && { focus: { ...focus } }),
      best: writeMask(best),
    })),
    ...(history.current && { current: history.current.id }),
  };
}

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault, also for a newer version. */
export function parseSessionDocument(input: unknown): SessionDocument {
  const parsed = documentSchema.safeParse(input);
  if (!parsed.success) throw schemaError(parsed.error, input, "document");
  return parsed.data;
}

/**
 * Fills an empty session from a document.
 * @throws MaskeryError `CONFLICT` when the document is about another picture, `INVALID_INPUT` for masks of another size.
 */
export function readSessionDocument(
  document: SessionDocument,
  { masks, history }: SessionContent,
  imageHash: string,
  details: MaskDetails,
): void {
  if (document.image.hash !== imageHash) {
    throw new MaskeryError(
      "CONFLICT",
      "image: expected the picture that the session was about, received another one",
      {
        field: "image",
      },
    );
  }
  for (const { mask, ...about } of document.masks) masks.add(readMask(mask, details), about);
  const { width, height } = document.image;
  const steps = document.steps.map(({ id, parent, points, box, focus, best }, index): PromptStep => {
    if (focus && (focus.x + focus.width > width || focus.y + focus.height > height)) {
      const received = `x ${focus.x}, y ${focus.y}, ${focus.width} × ${focus.height}`;
      throw invalidInput(`document.steps[${index}].focus`, `a part of ${width} × ${height}`, received);
    }
    const mask = readMask(best, details);
    if (mask.width !== width || mask.height !== height) {
      const received = `${mask.width} × ${mask.height}`;
      throw invalidInput(`document.steps[${index}].best`, `a mask of ${width} × ${height}`, received);
    }
    return { id, parent, points, box, ...(focus && { focus }), best: mask };
  });
  history.restore(steps, document.current);
}

function writeMask(mask: Mask): z.infer<typeof maskSchema> {
  const { size, counts } = mask.toCocoRle();
  return { size: [...size], counts, ...(mask.score !== undefined && { score: mask.score }) };
}

function readMask({ score, ...rle }: z.infer<typeof maskSchema>, details: MaskDetails): Mask {
  return Mask.fromRle(rle, { ...details, score });
}
