import { createHash } from "node:crypto";
import { type EverythingOptions, resolveEverythingOptions, type Segmenter } from "@maskery/core";
import { documentedThresholds, type GenerateRequest } from "./generate-requests.js";

/** What an automatic run is asked, and the thresholds that it applies. */
export interface PainterRun {
  readonly options: EverythingOptions;
  readonly thresholds: {
    readonly pred_iou_thresh: number;
    readonly stability_score_thresh: number;
  };
  /** Equal for runs that find the same in the same picture. */
  readonly key: string;
}

/** The document's names to the SDK's. What the client left out is left to the model. */
export function painterRun(
  request: GenerateRequest,
  { model, placement }: Pick<Segmenter, "model" | "placement">,
): PainterRun {
  const { preset = "sam2", thresholds: own = {} } = placement.everythingDefaults ?? {};
  const usual = (name: "predIouThresh" | "stabilityScoreThresh", sent: number | undefined) =>
    sent === documentedThresholds[name] ? (own[name] ?? sent) : sent;
  const named = {
    pointsPerSide: request.points_per_side,
    predIouThresh: usual("predIouThresh", request.pred_iou_thresh),
    stabilityScoreThresh: usual("stabilityScoreThresh", request.stability_score_thresh),
    pointsPerBatch: request.points_per_batch,
    stabilityScoreOffset: request.stability_score_offset,
    maskThreshold: request.mask_threshold,
    boxNmsThresh: request.box_nms_thresh,
    cropNLayers: request.crop_n_layers,
    cropNmsThresh: request.crop_nms_thresh,
    cropOverlapRatio: request.crop_overlap_ratio,
    cropNPointsDownscaleFactor: request.crop_n_points_downscale_factor,
    minMaskRegionArea: request.min_mask_region_area,
    useM2m: request.use_m2m,
    multimaskOutput: request.multimask_output,
  };
  const options: EverythingOptions = Object.fromEntries(
    Object.entries(named).filter(([, value]) => value !== undefined),
  );
  const applied = resolveEverythingOptions(options, preset, own);
  return {
    options,
    thresholds: {
      pred_iou_thresh: applied.predIouThresh,
      stability_score_thresh: applied.stabilityScoreThresh,
    },
    key: `${model} ${hashOf(applied)}`,
  };
}

/** Equal for equal options, in whatever order they were written down. */
function hashOf(options: object): string {
  const inOrder = Object.entries(options).sort(([first], [second]) => (first < second ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(inOrder)).digest("base64url").slice(0, 22);
}
