import { z } from "zod";
import { ApiSessions } from "../../service/api-sessions.js";
import type { Services } from "../../service/services.js";
import { deleteMaskFiles } from "./mask-files.js";

const storedMaskSchema = z.object({
  /** COCO run lengths: small, and holes survive. */
  rle: z.object({ size: z.tuple([z.int(), z.int()]), counts: z.string() }),
  score: z.number(),
  stabilityScore: z.number().optional(),
  /** Options of the automatic run that made it; absent for masks of prompts. */
  generation: z.string().optional(),
  /** Model and point of the cached click that made it; absent for other masks. */
  click: z.string().optional(),
});

/** Pictures, and masks as files, lie in a folder of this name. */
export const UPLOAD_FOLDER = "painter";

/** Names of downloads begin so. */
export const DOWNLOAD_PREFIX = "image-";

/** What a painter session keeps. Masks are numbered from 0 and no number is used twice. */
export const painterDataSchema = z.object({
  uploadKey: z.string(),
  filename: z.string(),
  imageHash: z.string(),
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  /** Begins the names of this session's downloads; tells nothing of the session's id. */
  downloadTag: z.string(),
  nextMaskId: z.int(),
  /** Whether `/get-embedding` was asked, and the session shows the embedding since. */
  showsEmbedding: z.boolean().optional(),
  masks: z.record(z.string(), storedMaskSchema),
});

export type PainterData = z.output<typeof painterDataSchema>;
export type StoredPainterMask = z.output<typeof storedMaskSchema>;
export type PainterSessions = ApiSessions<typeof painterDataSchema>;

export function painterSessions(lifetimeMs: number): PainterSessions {
  return new ApiSessions({
    api: "painter",
    lifetimeMs,
    schema: painterDataSchema,
    discard: async ({ data }, services: Services) => {
      await services.objects.uploads.delete(data.uploadKey);
      services.pictures.forget(services.objects.uploads, data.uploadKey);
      await deleteMaskFiles(services, data);
      for (const { key } of await services.objects.results.list(data.downloadTag))
        await services.objects.results.delete(key);
    },
  });
}

/** The document's timestamps name no zone; these are UTC. */
export function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19);
}
