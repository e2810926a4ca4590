import { z } from "zod";
import { schemaError } from "../schema-error.js";
import { licenseTermsSchema } from "./license-terms.js";
import { graphFileSchema, weightsFingerprint } from "./model-files.js";
import { precisionSchema } from "./precision.js";

const channelsSchema = z.tuple([z.number(), z.number(), z.number()]);

/** Names of the tensor layouts that the SDK speaks. One file each in `model/layouts`. */
export const layoutNames = [
  "sam1",
  "sam1-preprocess",
  "sam1-hf",
  "sam2-hf",
  "sam2-samexporter",
  "sam2-ibai",
  "sam2-osam",
  "efficientsam",
  "edgesam",
  "efficientvit-sam",
] as const;

/** What a model of any task says about itself. */
export const modelIdentityShape = {
  /** Short name by which users choose the model. */
  id: z.string().min(1),
  title: z.string().min(1),
  family: z.string().min(1),
  version: z.string().min(1),
  /** SPDX identifier, or the name of the terms of the weights. */
  license: z.string().min(1),
  terms: licenseTermsSchema.optional(),
};

/** The graphs of a model, by the part each plays, in one precision or several. */
export function modelGraphsShape<Part extends string>(parts: readonly [Part, ...Part[]]) {
  const eachOf = <Value extends z.ZodType>(value: Value) =>
    Object.fromEntries(parts.map((part) => [part, value])) as Record<Part, Value>;
  return {
    /** What is loaded unless another precision is chosen. */
    files: z.strictObject(eachOf(graphFileSchema)),
    /** Precision of `files`. Default: fp32. */
    precision: z.strictObject(eachOf(precisionSchema)).optional(),
    /** Files of other precisions; not every part needs to be there in each. */
    variants: z.partialRecord(precisionSchema, z.strictObject(eachOf(graphFileSchema.optional()))).optional(),
    /** Precisions that were reported to give wrong results: taken only by whoever names the part. */
    unreliable: z.strictObject(eachOf(z.array(precisionSchema).optional())).optional(),
  };
}

/**
 * Everything the SDK must know about one promptable model: its files, its layout of tensors, and how a picture is brought
 * into its frame. A model folder holds one as `maskery.json`.
 */
export const modelSpecSchema = z.object({
  /** What the model does; absent means this. Models of other tasks have schemas of their own, told apart by this member. */
  task: z.literal("prompt").optional(),
  ...modelIdentityShape,
  /** Absent: found by the names of the tensors when the graphs are loaded. */
  layout: z.enum(layoutNames).optional(),
  ...modelGraphsShape(["encoder", "decoder"]),
  image: z.object({
    /** Side of the square frame in pixels; prompts are given in this frame too, unless `promptSize` says otherwise. */
    size: z.number().int().positive(),
    /** Side of the frame of prompts and masks, where it is not the picture's (EfficientViT-SAM: 1024 for a size of 512). */
    promptSize: z.number().int().positive().optional(),
    resize: z.enum(["letterbox", "stretch"]),
    mean: channelsSchema,
    std: channelsSchema,
  }),
  /** Side of the square plane of earlier logits that the decoder takes. Default: a quarter of the frame's side. */
  maskInputSize: z.number().int().positive().optional(),
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
  const { size, promptSize, resize, mean, std } = spec.image;
  return [
    ...weightsFingerprint(spec),
    spec.precision?.encoder ?? "fp32",
    spec.precision?.decoder ?? "fp32",
    spec.layout,
    size,
    ...(promptSize === undefined ? [] : [`prompts in ${promptSize}`]),
    resize,
    ...mean,
    ...std,
  ].join("|");
}
