import { z } from "zod";
import { schemaError } from "../../schema-error.js";
import { pictureInputSchema } from "../classes/picture-input.js";
import { weightsFingerprint } from "../model-files.js";
import { modelGraphsShape, modelIdentityShape } from "../model-spec.js";

/** Everything the SDK must know about a model that tells the subject of a picture from its background. */
export const foregroundModelSpecSchema = z.object({
  task: z.literal("foreground"),
  ...modelIdentityShape,
  ...modelGraphsShape(["model"]),
  image: pictureInputSchema,
  /** Name of the output. Default: the first; some graphs give coarser planes after it. */
  output: z.string().min(1).optional(),
  /**
   * What the output holds. Default `"auto"`: logits when a value leaves 0..1 by more than 1e-5, as transformers.js decides.
   */
  values: z.enum(["auto", "logits", "shares"]).optional(),
  /** Whether each picture's lowest value becomes 0 and its highest 1. Default `"none"`. */
  stretch: z.enum(["none", "min-max"]).optional(),
});

export type ForegroundModelSpec = z.infer<typeof foregroundModelSpecSchema>;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function parseForegroundModelSpec(input: unknown): ForegroundModelSpec {
  const parsed = foregroundModelSpecSchema.safeParse(input);
  if (!parsed.success) throw schemaError(parsed.error, input, "foregroundModel");
  return parsed.data;
}

/** Changes when two models may see another subject: other weights, another precision, another reading of them. */
export function foregroundModelFingerprint(spec: ForegroundModelSpec): string {
  const { image, output, values, stretch } = spec;
  return JSON.stringify([
    weightsFingerprint(spec),
    spec.precision?.model ?? "fp32",
    { image, output, values, stretch },
  ]);
}
