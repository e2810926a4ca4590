import { z } from "zod";
import { invalidInput } from "../../errors.js";
import type { ImageSize } from "../../image/rgba-image.js";
import { normalizeCounts } from "../../mask/coco-rle.js";
import { Mask } from "../../mask/mask.js";
import type { Prompt } from "../../prompt/prompt.js";
import { MAX_POINTS_PER_PROMPT } from "../../prompt/prompt-schema.js";
import { resolvePrompt } from "../../prompt/resolve-prompt.js";
import { schemaError } from "../../schema-error.js";
import { readBinaryMessage, writeBinaryMessage } from "./binary-message.js";
import { bytesOf, copyOf, planeSchema, readPlane, writePlane } from "./plane-section.js";

const KIND = "prompts";
/** Far above what one decoder run takes. */
const MAX_PROMPTS = 1024;
const sectionSchema = z.number().int().nonnegative();

const contentSchema = z.object({
  /** SHA-256 of the embedding's bytes. */
  embedding: z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hex characters"),
  /** The section that holds the embedding itself, for a server that does not have it. */
  attached: sectionSchema.optional(),
  prompts: z
    .array(
      z.object({
        points: z
          .array(z.object({ x: z.number(), y: z.number(), label: z.union([z.literal(0), z.literal(1)]) }))
          .max(MAX_POINTS_PER_PROMPT),
        box: z.object({ x0: z.number(), y0: z.number(), x1: z.number(), y1: z.number() }).optional(),
        /** Run lengths as u32 in `runs`, of a mask of the picture's size. */
        mask: z.object({ runs: sectionSchema, logits: planeSchema.optional() }).optional(),
      }),
    )
    .max(MAX_PROMPTS),
});

/** A question to a decoder: prompts, and which embedding they are about. */
export interface PromptsMessage {
  readonly embedding: string;
  readonly attached?: Uint8Array | undefined;
  /** Checked against the picture when its size is known. */
  promptsFor(image: ImageSize): Prompt[];
}

/** Earlier masks go with their logits in full precision: a decoder starts from them. */
export function writePrompts(
  embedding: string,
  prompts: readonly Prompt[],
  attached?: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const sections: Uint8Array[] = [];
  const entries = prompts.map(({ points, box, mask }) => ({
    points: points.map(({ x, y, label }) => ({ x, y, label })),
    ...(box && { box: { x0: box.x0, y0: box.y0, x1: box.x1, y1: box.y1 } }),
    ...(mask && { mask: writeMask(mask, sections) }),
  }));
  if (attached) sections.push(attached);
  const content = {
    embedding,
    ...(attached && { attached: sections.length - 1 }),
    prompts: entries,
  };
  return writeBinaryMessage({ kind: KIND, content, sections });
}

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function readPrompts(bytes: Uint8Array): PromptsMessage {
  const { content, sections } = readBinaryMessage(bytes, KIND, "prompts");
  const parsed = contentSchema.safeParse(content);
  if (!parsed.success) throw schemaError(parsed.error, content, "");
  const { embedding, attached, prompts } = parsed.data;
  return {
    embedding,
    attached: attached === undefined ? undefined : requireSection(sections, attached, "attached"),
    promptsFor: (image) =>
      prompts.map(({ points, box, mask }, index) => {
        const name = `prompts[${index}]`;
        return resolvePrompt(
          { points, box, mask: mask && readMask(mask, sections, image, `${name}.mask`) },
          image,
          name,
        );
      }),
  };
}

function writeMask({ runs, logits }: Mask, sections: Uint8Array[]) {
  sections.push(bytesOf(runs));
  const section = sections.length - 1;
  return { runs: section, ...(logits && { logits: writePlane(logits, "float32", sections) }) };
}

function readMask(
  { runs, logits }: NonNullable<z.infer<typeof contentSchema>["prompts"][number]["mask"]>,
  sections: readonly Uint8Array[],
  { width, height }: ImageSize,
  field: string,
): Mask {
  const bytes = requireSection(sections, runs, `${field}.runs`);
  if (bytes.byteLength % 4 !== 0) throw invalidInput(`${field}.runs`, "whole 32-bit lengths", bytes);
  const lengths = normalizeCounts(new Uint32Array(copyOf(bytes)), width, height, `${field}.runs`);
  return new Mask(
    width,
    height,
    lengths,
    logits && { logits: readPlane(logits, sections, `${field}.logits`) },
  );
}

function requireSection(sections: readonly Uint8Array[], index: number, field: string): Uint8Array {
  const section = sections[index];
  if (!section) throw invalidInput(field, `the index of one of ${sections.length} sections`, index);
  return section;
}
