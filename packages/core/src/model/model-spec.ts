import { z } from "zod";
import type { ModelFile } from "../backend/model-store.js";
import { schemaError } from "../schema-error.js";

const fileSchema = z.object({
  name: z.string().min(1),
  bytes: z.number().int().positive().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 lower-case hex characters")
    .optional(),
  url: z.string().optional(),
});

const channelsSchema = z.tuple([z.number(), z.number(), z.number()]);

/** Names of the tensor layouts that the SDK speaks. One file each in `model/layouts`. */
export const layoutNames = ["sam2-samexporter"] as const;

/**
 * Everything the SDK must know about one promptable model: its files, its layout of tensors, and how a picture is brought
 * into its frame. A model folder holds one as `maskery.json`.
 */
export const modelSpecSchema = z.object({
  /** Short name by which users choose the model. */
  id: z.string().min(1),
  title: z.string().min(1),
  family: z.string().min(1),
  version: z.string().min(1),
  /** SPDX identifier, or the name of the terms of the weights. */
  license: z.string().min(1),
  layout: z.enum(layoutNames),
  files: z.object({ encoder: fileSchema, decoder: fileSchema }),
  image: z.object({
    /** Side of the square frame in pixels; prompts are given in this frame too. */
    size: z.number().int().positive(),
    resize: z.enum(["letterbox", "stretch"]),
    mean: channelsSchema,
    std: channelsSchema,
  }),
  /** Side of the square plane of earlier logits that the decoder takes. */
  maskInputSize: z.number().int().positive(),
  /** Defaults of automatic masks, where this model's scores and logits lie elsewhere than SAM2's. */
  everything: z
    .object({
      predIouThresh: z.number().max(1).optional(),
      stabilityScoreThresh: z.number().max(1).optional(),
      stabilityScoreOffset: z.number().nonnegative().optional(),
    })
    .optional(),
});

export type ModelSpec = z.infer<typeof modelSpecSchema>;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function parseModelSpec(input: unknown): ModelSpec {
  const parsed = modelSpecSchema.safeParse(input);
  if (!parsed.success) throw schemaError(parsed.error, input, "model");
  return parsed.data;
}

/**
 * Changes when two models cannot share embeddings: other weights, another precision, another preprocessing. Files without
 * a known hash are told apart by the model's id and version.
 */
export function modelFingerprint(spec: ModelSpec): string {
  const weights = (file: ModelFile) => file.sha256 ?? `${spec.id}@${spec.version}/${file.name}`;
  const { size, resize, mean, std } = spec.image;
  return [
    weights(spec.files.encoder),
    weights(spec.files.decoder),
    spec.layout,
    size,
    resize,
    ...mean,
    ...std,
  ].join("|");
}
