import { z } from "zod";
import { absentMeans, mayBeAbsent } from "../../service/absent-member.js";
import { sessionRequestSchema } from "./painter-requests.js";

/**
 * The thresholds that the document shows in every example: those of the model it was written for. Models with thresholds of
 * their own read these two numbers as "the usual"; every other number is taken at its word.
 */
export const documentedThresholds = { predIouThresh: 0.88, stabilityScoreThresh: 0.95 } as const;

const usual = (documented: number) =>
  `Default: the model's own. ${documented} is the document's way to say so where a model has its own, ` +
  "as the built-in one has; any other number is taken at its word. The answer's `thresholds` says what was applied.";

const threshold = z.number().max(1);

export const generateRequestSchema = sessionRequestSchema.extend({
  points_per_side: absentMeans(
    z.int().min(1).max(128).meta({ description: "Clicks along each side of the picture." }),
    32,
  ),
  pred_iou_thresh: mayBeAbsent(
    threshold.meta({
      description: `Masks that the model rates lower are left out. ${usual(documentedThresholds.predIouThresh)}`,
    }),
  ),
  stability_score_thresh: mayBeAbsent(
    threshold.meta({
      description: `Masks with a less stable edge are left out. ${usual(documentedThresholds.stabilityScoreThresh)}`,
    }),
  ),
});

export const generateAdvancedRequestSchema = generateRequestSchema.extend({
  points_per_batch: mayBeAbsent(z.int().min(1).max(1024)),
  stability_score_offset: mayBeAbsent(z.number().nonnegative()),
  mask_threshold: mayBeAbsent(z.number()),
  box_nms_thresh: mayBeAbsent(z.number().min(0).max(1)),
  crop_n_layers: mayBeAbsent(z.int().min(0).max(3)),
  crop_nms_thresh: mayBeAbsent(z.number().min(0).max(1)),
  crop_overlap_ratio: mayBeAbsent(z.number().min(0).max(1)),
  crop_n_points_downscale_factor: mayBeAbsent(z.int().min(1)),
  min_mask_region_area: mayBeAbsent(z.number().nonnegative()),
  use_m2m: mayBeAbsent(z.boolean()),
  multimask_output: mayBeAbsent(z.boolean()),
});

export type GenerateRequest = z.output<typeof generateRequestSchema> &
  Partial<z.output<typeof generateAdvancedRequestSchema>>;
