import { z } from "zod";

/** A created session. `id` counts sessions of this server; `session_id` is what requests use. */
export const demoSessionSchema = z
  .object({ id: z.int(), session_id: z.uuid(), demo_type: z.string(), created_at: z.iso.datetime() })
  .meta({ id: "DemoSession" });

export const createSessionSchema = z.object({ demo_type: z.literal("image_segmentation") });

export const uploadFormSchema = z.object({
  file: z
    .file()
    .meta({ description: "JPEG, PNG, WebP, TIFF, BMP or GIF; its content decides, not its name." }),
  name: z
    .string()
    .optional()
    .meta({ description: "Another name for the file; its end is kept where it is long." }),
});

export const uploadedFileSchema = z
  .object({ file_id: z.uuid(), filename: z.string(), url: z.url(), uploaded_at: z.iso.datetime() })
  .meta({ id: "DemoFile" });

export const startTaskSchema = z.object({ session_id: z.string() });

export const startedTaskSchema = z
  .object({ task_id: z.uuid(), status: z.literal("processing"), message: z.string() })
  .meta({ id: "DemoTask" });

export const taskStatusSchema = z
  .object({
    status: z.enum(["processing", "completed", "failed"]),
    progress: z.number().min(0).max(100).meta({ description: "Percent of the work that is done." }),
    message: z.string(),
  })
  .meta({ id: "DemoStatus" });

export const segmentSchema = z
  .object({
    class: z.string().meta({ description: "Machine-readable class name." }),
    label: z.string().meta({ description: "Human-readable label." }),
    confidence: z.number().min(0).max(1),
    mask: z
      .string()
      .optional()
      .meta({ description: "PNG in base64, at the picture's size: 255 inside, 0 outside." }),
    area: z.int().optional().meta({ description: "Pixels of the segment." }),
    bbox: z
      .tuple([z.number(), z.number(), z.number(), z.number()])
      .optional()
      .meta({ description: "[x, y, width, height] in pixels." }),
  })
  .meta({ id: "DemoSegment" });

export const resultsSchema = z
  .object({
    input_image_url: z.url(),
    output_image_url: z.url(),
    segments: z.array(segmentSchema),
    ai_description: z.string(),
    ai_description_source: z
      .string()
      .meta({ description: "Who wrote the description; `local` is this server itself." }),
    technical_summary: z.string(),
    processing_time: z.number().meta({ description: "Seconds." }),
    model_used: z.string(),
    confidence_score: z.number().min(0).max(1),
  })
  .meta({ id: "DemoResults" });

export type DemoResults = z.infer<typeof resultsSchema>;

/** What a demo session keeps. Links are made when they are asked for, so that a server may move. */
export const sessionDataSchema = z.object({
  number: z.int(),
  demoType: z.string(),
  upload: z
    .object({
      fileId: z.string(),
      key: z.string(),
      sha256: z.string(),
      filename: z.string(),
      width: z.int(),
      height: z.int(),
      uploadedAt: z.iso.datetime(),
    })
    .optional(),
  task: z
    .object({
      id: z.string(),
      status: z.enum(["processing", "completed", "failed"]),
      progress: z.number(),
      message: z.string(),
      outputKey: z.string().optional(),
      results: resultsSchema.omit({ input_image_url: true, output_image_url: true }).optional(),
    })
    .optional(),
});

export type DemoSessionData = z.infer<typeof sessionDataSchema>;
