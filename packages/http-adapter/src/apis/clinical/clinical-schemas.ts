import { z } from "zod";
import { mayBeAbsent } from "../../service/absent-member.js";

const MAX_PATIENT_ID_LENGTH = 200;

/** What the frontend's mask editors send. Members beyond these are ignored. */
export const segmentationRequestSchema = z
  .object({
    image_data: z.string().min(1).meta({
      description:
        "PNG, JPEG or DICOM in base64, the same as a data URL, or a reference to a file that this server knows. Line breaks and the alphabet for URLs are fine.",
    }),
    image_type: z.enum(["L3", "middle"]).meta({ description: "Annotation context." }),
    patient_id: z
      .string()
      .min(1)
      .max(MAX_PATIENT_ID_LENGTH)
      .meta({ description: "For tracking. Never part of a log line." }),
    slice_index: mayBeAbsent(
      z.int().nonnegative().meta({
        description:
          "Which frame of a multi-frame DICOM file, from 0. For pictures of one frame: the client's own number, given back.",
      }),
    ),
  })
  .meta({ id: "ClinicalRequest" });

export type SegmentationRequest = z.output<typeof segmentationRequestSchema>;

export const segmentationResponseSchema = z
  .object({
    mask_data: z
      .string()
      .meta({ description: "PNG in base64, at the picture's size: 255 inside, 0 outside." }),
    confidence_score: z.number().min(0).max(1),
    processing_time_ms: z.number().nonnegative(),
    bounding_box: z
      .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
      .optional()
      .meta({ description: "In pixels; absent for an empty mask." }),
    cached: z.boolean().meta({ description: "Whether the answer was remembered: no model ran." }),
    image_type: z.enum(["L3", "middle"]),
    patient_id: z.string(),
    slice_index: z.int().optional(),
    orientation: z.array(z.number()).optional().meta({
      description:
        "DICOM: direction cosines of rows and columns in the patient, where the file has them. The mask lies on the stored pixels.",
    }),
  })
  .meta({ id: "ClinicalResponse" });

/** What is remembered of a segmented picture. */
export const rememberedSchema = z.object({
  mask: z.string(),
  confidence: z.number(),
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }).optional(),
  /** The model's id and fingerprint. */
  model: z.string(),
  orientation: z.array(z.number()).optional(),
  createdAt: z.number(),
});

export type Remembered = z.output<typeof rememberedSchema>;

export const clinicalHealthSchema = z
  .object({
    status: z.enum(["healthy", "degraded"]),
    mode: z
      .enum(["automatic", "manual-only"])
      .meta({ description: "manual-only: the model cannot be reached; everything else works." }),
    model: z.string().optional(),
    device: z.string().optional(),
    reason: z.string().optional(),
    supported_formats: z.array(z.string()),
  })
  .meta({ id: "ClinicalHealth" });
