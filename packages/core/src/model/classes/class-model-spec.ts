import { z } from "zod";
import { schemaError } from "../../schema-error.js";
import { labelSetNames } from "../labels/label-set-names.js";
import { weightsFingerprint } from "../model-files.js";
import { modelGraphsShape, modelIdentityShape } from "../model-spec.js";
import { pictureInputSchema } from "./picture-input.js";

/** Forms in which models give segments with classes. One file each beside this one. */
export const classFormNames = ["class-planes", "query-masks", "box-masks", "prototype-masks"] as const;

export type ClassFormName = (typeof classFormNames)[number];

const shareSchema = z.number().min(0).max(1);

/**
 * Everything the SDK must know about a model that names what it finds. A model folder holds one as `maskery.json`, told from a
 * promptable model's by `task`.
 */
export const classModelSpecSchema = z.object({
  task: z.literal("classes"),
  ...modelIdentityShape,
  ...modelGraphsShape(["model"]),
  /** Absent: found by the tensors of the loaded graph. */
  form: z.enum(classFormNames).optional(),
  image: pictureInputSchema,
  /**
   * What the class numbers stand for: a known set, or names in their order. Absent: classes are called by their number.
   */
  labels: z.union([z.enum(labelSetNames), z.array(z.string().min(1)).min(1)]).optional(),
  /** The number that means "none of these", where `labels` is a list. A known set brings its own. */
  background: z.number().int().nonnegative().optional(),
  /** `class-planes`: name of the output. Default: `out`, `logits`, or the only one of four axes. */
  output: z.string().min(1).optional(),
  /** `class-planes`: what the planes hold. Default `"logits"`. */
  values: z.enum(["logits", "probabilities"]).optional(),
  thresholds: z
    .strictObject({
      /** Segments that the model is less sure of are left out. Defaults: query masks 0.5, box masks 0.7, prototypes 0.25. */
      confidence: shareSchema.optional(),
      /** `prototype-masks`: of boxes of one class that overlap by more than this IoU, the best stays. Default 0.45. */
      boxIou: shareSchema.optional(),
      /** `query-masks`: the share of its own area that a mask must win against the others. Default 0.8. */
      coverage: shareSchema.optional(),
    })
    .optional(),
});

export type ClassModelSpec = z.infer<typeof classModelSpecSchema>;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function parseClassModelSpec(input: unknown): ClassModelSpec {
  const parsed = classModelSpecSchema.safeParse(input);
  if (!parsed.success) throw schemaError(parsed.error, input, "classModel");
  return parsed.data;
}

/** Changes when two models may find other things in a picture: other weights, another precision, another reading of them. */
export function classModelFingerprint(spec: ClassModelSpec): string {
  const { form, image, labels, background, output, values, thresholds } = spec;
  return JSON.stringify([
    weightsFingerprint(spec),
    spec.precision?.model ?? "fp32",
    { form, image, labels, background, output, values, thresholds },
  ]);
}
