import { z } from "zod";

const box = z
  .tuple([z.number(), z.number(), z.number(), z.number()])
  .meta({ description: "[x1, y1, x2, y2] in pixels; x2 and y2 lie just outside." });
const timestamp = z.string().meta({ description: "UTC, without zone.", example: "2024-01-01T12:00:00" });

export const maskSchema = z
  .object({
    mask_id: z.int(),
    mask: z
      .string()
      .meta({ description: "PNG in base64, of the picture's size: white inside, black outside." }),
    score: z.number(),
    bbox: box,
    area: z.int(),
    stability_score: z.number().optional(),
  })
  .meta({ id: "PainterMask" });

export const uploadAnswerSchema = z
  .object({
    session_id: z.uuid(),
    filename: z.string(),
    width: z.int(),
    height: z.int(),
    file_size: z.int(),
    image_hash: z.string(),
    created_at: timestamp,
    expires_at: timestamp,
  })
  .meta({ id: "PainterUpload" });

export const masksAnswerSchema = z
  .object({
    session_id: z.string(),
    masks: z.array(maskSchema),
    total_masks: z.int(),
    image_hash: z.string(),
    cached: z.boolean().meta({ description: "Whether the masks were remembered: no model ran." }),
    processing_time: z.number().meta({ description: "Seconds." }),
  })
  .meta({ id: "PainterMasks" });

export const generatedAnswerSchema = masksAnswerSchema
  .extend({
    thresholds: z
      .object({ pred_iou_thresh: z.number(), stability_score_thresh: z.number() })
      .meta({ description: "What was applied: the request's numbers, or the model's own." }),
  })
  .meta({ id: "PainterGeneratedMasks" });

export const segmentAnswerSchema = masksAnswerSchema
  .extend({ best_mask_id: z.int() })
  .meta({ id: "PainterSegment" });

export const maskAnswerSchema = maskSchema
  .extend({ session_id: z.string(), cached: z.boolean(), processing_time: z.number() })
  .meta({ id: "PainterMaskAtPoint" });

export const instantAnswerSchema = z
  .object({
    session_id: z.string(),
    found: z.boolean(),
    mask: z.string().nullable(),
    mask_id: z.int().nullable(),
    score: z.number().nullable(),
    bbox: box.nullable(),
    area: z.int().nullable(),
    cached: z.literal(true),
  })
  .meta({ id: "PainterInstantMask" });

export const embeddingAnswerSchema = z
  .object({
    session_id: z.string(),
    image_hash: z.string(),
    embedding: z
      .string()
      .meta({ description: "Base64 of `application/vnd.maskery.embedding`, half precision." }),
    model: z.string(),
    cached: z.boolean(),
  })
  .meta({ id: "PainterEmbedding" });

export const paintAnswerSchema = z
  .object({
    session_id: z.string(),
    image: z.string().meta({ description: "The painted picture: PNG in base64." }),
    format: z.literal("PNG"),
    width: z.int(),
    height: z.int(),
  })
  .meta({ id: "PainterPicture" });

export const downloadAnswerSchema = z
  .object({
    session_id: z.string(),
    image_url: z.string().meta({ description: "Path on this server." }),
    filename: z.string(),
    format: z.enum(["PNG", "JPG"]),
    size_bytes: z.int(),
  })
  .meta({ id: "PainterDownload" });

export const downloadsAnswerSchema = z
  .object({
    downloads: z.array(
      z.object({
        filename: z.string(),
        size_bytes: z.int(),
        format: z.enum(["PNG", "JPG"]),
        created_at: timestamp,
        download_url: z.string(),
      }),
    ),
    total: z.int(),
  })
  .meta({ id: "PainterDownloads" });

export const sessionAnswerSchema = z
  .object({
    session_id: z.string(),
    file_path: z.string(),
    filename: z.string(),
    width: z.int(),
    height: z.int(),
    created_at: timestamp,
    expires_at: timestamp,
    image_hash: z.string(),
    stored_masks: z.record(z.string(), z.object({ mask: z.string(), score: z.number(), bbox: box })),
    image_data: z
      .string()
      .nullable()
      .meta({ description: "The uploaded file in base64; null where `include` leaves it out." }),
    embedding_cache: z.string().nullable().meta({
      description:
        "The embedding in base64, once `/get-embedding` or `include=embedding_cache` asked for it.",
    }),
  })
  .meta({ id: "PainterSession" });

export const messageSchema = z.object({ message: z.string() }).meta({ id: "PainterMessage" });

export const cacheStatusSchema = z
  .object({
    total_sessions: z.int(),
    sessions_with_cache: z.int(),
    total_cached_masks: z.int(),
    total_cached_embeddings: z.int(),
  })
  .meta({ id: "PainterCacheStatus" });

export const healthSchema = z
  .object({
    status: z.enum(["healthy", "degraded"]),
    modal_status: z
      .looseObject({ status: z.string() })
      .meta({ description: "The remote encoder, where one is configured; else the local model." }),
    timestamp,
    sessions_count: z.int(),
    cache_status: cacheStatusSchema,
  })
  .meta({ id: "PainterHealth" });
