import {
  EMBEDDING_HEADER,
  MODEL_HEADER,
  PLACEMENT_PROTOCOL_VERSION,
  type PlacementHealth,
  PRECISION_HEADER,
  PROTOCOL_HEADER,
  placementHealthSchema as wireHealthSchema,
} from "@maskery/core";
import { z } from "zod";

export const placementHealthSchema = wireHealthSchema.meta({ id: "PlacementHealth" });

export const placementHealthExample: PlacementHealth = {
  status: "ok",
  protocol: PLACEMENT_PROTOCOL_VERSION,
  model: "sam2.1-tiny",
  modelFingerprint: "5f1c…|9a07…|fp32|fp32|sam2-hf|1024|stretch|0.485|0.456|0.406|0.229|0.224|0.225",
  everythingDefaults: { preset: "sam2" },
  encoder: { device: "cuda" },
  decoder: {
    device: "cpu",
    abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: true },
  },
};

const protocolVersion = z.string().meta({ description: "Version of the protocol: `1`.", example: "1" });

/** What a question may say about itself. */
export const questionHeaders = z.object({
  [PROTOCOL_HEADER]: protocolVersion.optional(),
  [MODEL_HEADER]: z
    .string()
    .optional()
    .meta({ description: "Fingerprint of the model that is expected, percent-encoded; another is 409." }),
  [PRECISION_HEADER]: z
    .enum(["float32", "float16"])
    .optional()
    .meta({ description: "How the numbers of the answer are stored. Default `float32`." }),
});

/** What an answer says about itself. */
export const answerHeaders = z.object({ [PROTOCOL_HEADER]: protocolVersion });

export const embeddingHeaders = answerHeaders.extend({
  [EMBEDDING_HEADER]: z.string().meta({
    description: "SHA-256 of the answer's bytes: names the embedding in later prompts.",
  }),
});
