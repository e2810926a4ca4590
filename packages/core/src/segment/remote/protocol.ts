import { z } from "zod";
import type { ModelPlacement } from "../placement.js";

/** Version of the routes, headers and messages; both sides refuse another. */
export const PLACEMENT_PROTOCOL_VERSION = 1;

/** Media types on the wire, besides `EMBEDDING_MEDIA_TYPE`. */
export const PIXELS_MEDIA_TYPE = "application/vnd.maskery.pixels";
export const PROMPTS_MEDIA_TYPE = "application/vnd.maskery.prompts";
export const PLANES_MEDIA_TYPE = "application/vnd.maskery.planes";

export const PROTOCOL_HEADER = "maskery-protocol";
/** Fingerprint of the model, percent-encoded. In a request: the one that is expected. */
export const MODEL_HEADER = "maskery-model";
/** Lower-case hex SHA-256 of an embedding's bytes: names it in later questions. */
export const EMBEDDING_HEADER = "maskery-embedding";
/** `float16` or `float32`: how numbers of the answer are to be stored. */
export const PRECISION_HEADER = "maskery-precision";

const abilitiesSchema = z.object({
  points: z.boolean(),
  negativePoints: z.boolean(),
  boxes: z.boolean(),
  maskInput: z.boolean(),
  batchObjects: z.boolean(),
  needsBox: z.boolean().optional(),
});

const thresholdSchema = z.number().optional();

/** What `GET …/health` answers: which model is served, and which halves of it. */
export const placementHealthSchema = z.object({
  status: z.literal("ok"),
  protocol: z.literal(PLACEMENT_PROTOCOL_VERSION),
  model: z.string().min(1),
  modelFingerprint: z.string().min(1),
  everythingDefaults: z
    .object({
      preset: z.enum(["sam", "sam2"]),
      thresholds: z
        .object({
          predIouThresh: thresholdSchema,
          stabilityScoreThresh: thresholdSchema,
          stabilityScoreOffset: thresholdSchema,
        })
        .optional(),
    })
    .optional(),
  encoder: z.object({ device: z.string() }).optional(),
  decoder: z.object({ device: z.string(), abilities: abilitiesSchema }).optional(),
});

export type PlacementHealth = z.infer<typeof placementHealthSchema>;

/** A model of which a server may hold only one half. */
export type ServedPlacement = Pick<ModelPlacement, "model" | "everythingDefaults"> &
  Partial<Pick<ModelPlacement, "encoder" | "decoder">>;
