import { z } from "zod";
import type { CallOptions } from "../../cancellation.js";
import { invalidInput } from "../../errors.js";
import { schemaError } from "../../schema-error.js";
import { type ResolvedTileOptions, type TileOptions, tileSchema } from "./tiles/tile-options.js";

/** Points along one side of the grid at most: 65,536 prompts for one picture. */
export const MAX_POINTS_PER_SIDE = 256;
/** Prompts in one decoder run at most; SAM2 answers each with 786 kB. */
export const MAX_POINTS_PER_BATCH = 1024;
/** Layers of crops at most: the last of them alone has 1,024 crops. */
export const MAX_CROP_LAYERS = 5;
/** Candidates with a lower predicted IoU are not kept for `filter`, unless the run itself asks for them. */
export const DEFAULT_KEEP_PREDICTED_IOU = 0.5;
/** Candidates with a lower stability score are not kept for `filter`, unless the run itself asks for them. */
export const DEFAULT_KEEP_STABILITY_SCORE = 0.8;
/** Memory for the logits of candidates: 64 MiB. */
export const DEFAULT_KEEP_BYTES = 64 * 1024 * 1024;

/** Whose defaults and whose use of `minMaskRegionArea`. */
export type EverythingPreset = "sam" | "sam2";

/** What `segmentation` of a found mask is; the names are those of the reference's `output_mode`. */
export type OutputMode = "binary_mask" | "uncompressed_rle" | "coco_rle";

/** A point of an explicit grid, as shares 0..1 of the crop's width and height. */
export type GridPoint = readonly [x: number, y: number];

/** How far a run is; told after every run of the decoder. */
export interface EverythingProgress {
  /** 0..1 of all points. */
  readonly fraction: number;
  /** Which crop the batch belonged to, counted from 1. */
  readonly crop: number;
  readonly crops: number;
  /** Points of all crops together. */
  readonly points: number;
  readonly pointsDone: number;
  /** Masks that are shown at this moment. */
  readonly masks: number;
}

/**
 * The parameters of SAM's and SAM2's automatic mask generators under their names in camelCase, with the defaults of the
 * chosen preset. Source: facebookresearch/segment-anything, automatic_mask_generator.py; facebookresearch/sam2,
 * automatic_mask_generator.py.
 */
export interface EverythingOptions extends CallOptions {
  /** Default: that of the model's family. */
  readonly preset?: EverythingPreset | undefined;
  /** Points along each side of the grid. Default 32. Excludes `pointGrids`. */
  readonly pointsPerSide?: number | undefined;
  /** One grid for the whole picture and one for each layer of crops: `cropNLayers + 1` in all. */
  readonly pointGrids?: readonly (readonly GridPoint[])[] | undefined;
  /**
   * Points that one decoder run takes at most. Default 64. Processors without a graphics card get them in runs of 4, which
   * is as fast for a fraction of the memory; decoders that take one object at a time get them one by one.
   */
  readonly pointsPerBatch?: number | undefined;
  /** Masks must exceed this predicted IoU; 0 or less lets all pass. Default 0.88 (`sam`), 0.8 (`sam2`). */
  readonly predIouThresh?: number | undefined;
  /** Masks must reach this stability score; 0 or less lets all pass. Default 0.95. */
  readonly stabilityScoreThresh?: number | undefined;
  /** Logits by which the cutoff is moved up and down to measure stability. Default 1. */
  readonly stabilityScoreOffset?: number | undefined;
  /** Logit above which a pixel belongs to the mask. Default 0. */
  readonly maskThreshold?: number | undefined;
  /** Of masks whose boxes overlap by more than this IoU, the best stays. Default 0.7. */
  readonly boxNmsThresh?: number | undefined;
  /** Layers of crops: layer i cuts the picture into 2^i × 2^i overlapping crops. Default 0: the whole picture alone. */
  readonly cropNLayers?: number | undefined;
  /** As `boxNmsThresh`, between masks of different crops. Default 0.7. */
  readonly cropNmsThresh?: number | undefined;
  /** Overlap of crops in the first layer, as a share of the picture's shorter side. Default 512/1500. */
  readonly cropOverlapRatio?: number | undefined;
  /** Layer i has `pointsPerSide / factor^i` points along each side, rounded down. Default 1. */
  readonly cropNPointsDownscaleFactor?: number | undefined;
  /**
   * `sam`: holes and islands below this many pixels of the picture are removed from the final masks, and duplicates once
   * more. `sam2`: those of up to this many samples of the low-resolution plane, before the masks are judged. Default 0: off.
   */
  readonly minMaskRegionArea?: number | undefined;
  /**
   * Cuts a large picture into overlapping tiles, each encoded at full detail like a picture of its own, and puts objects that the
   * tiles' borders cut together again. Crops of SAM (`cropNLayers`) drop what their borders cut instead, and rely on another crop
   * to show it whole. Excludes `cropNLayers` and `pointGrids`. Default: no tiles.
   */
  readonly tiles?: "auto" | TileOptions | undefined;
  /** What `segmentation` gives. Default `"binary_mask"`. */
  readonly outputMode?: OutputMode | undefined;
  /** Lets the model look at each mask once more, with the mask as input, before they are judged. Default false. */
  readonly useM2m?: boolean | undefined;
  /** All candidates of each point; else only the one that the model rates best. Default true. */
  readonly multimaskOutput?: boolean | undefined;

  /** Lowest `predIouThresh` that `candidates.filter` can be asked for. Default 0.5, or `predIouThresh` when lower. */
  readonly keepPredIou?: number | undefined;
  /** Lowest `stabilityScoreThresh` that it can be asked for. Default 0.8, or `stabilityScoreThresh` when lower. */
  readonly keepStabilityScore?: number | undefined;
  /**
   * Memory for the logits of candidates. When it is full, the worst of those that the run itself does not need are let go
   * and both floors rise accordingly. Default 64 MiB.
   */
  readonly keepBytes?: number | undefined;

  readonly onProgress?: ((progress: EverythingProgress) => void) | undefined;
  /**
   * When it fires, no further points are asked and what was found until then is the result; `isComplete` of the run tells. The
   * points come spread over the picture, so half of them find most large objects. The first batch is always waited for.
   */
  readonly finishSignal?: AbortSignal | undefined;
}

/** Options, checked and complete; the grid is left to `point-grid.ts`. */
export type ResolvedEverythingOptions = {
  readonly preset: EverythingPreset;
  readonly pointsPerSide: number | undefined;
  readonly pointGrids: readonly (readonly GridPoint[])[] | undefined;
  readonly tiles: ResolvedTileOptions | undefined;
} & Required<
  Omit<
    EverythingOptions,
    "preset" | "pointsPerSide" | "pointGrids" | "tiles" | "signal" | "onProgress" | "finishSignal"
  > extends infer Rest
    ? { readonly [Name in keyof Rest]-?: Exclude<Rest[Name], undefined> }
    : never
>;

/**
 * Thresholds that suit one model better than the preset's, because its scores or logits lie elsewhere. They take the place
 * of the preset's defaults where the caller names no preset.
 */
export type ModelThresholds = Pick<
  EverythingOptions,
  "predIouThresh" | "stabilityScoreThresh" | "stabilityScoreOffset"
>;

const DEFAULT_POINTS_PER_SIDE = 32;

/** The only defaults in which the two generators differ. */
const DEFAULT_PRED_IOU_THRESH: Readonly<Record<EverythingPreset, number>> = { sam: 0.88, sam2: 0.8 };
const DEFAULT_STABILITY_SCORE_THRESH = 0.95;
const DEFAULT_STABILITY_SCORE_OFFSET = 1;

const share = z.number().min(0).max(1);
/** The reference skips a filter at 0 or less, so there is no lower bound; above 1 somebody meant percent. */
const filterThreshold = z.number().max(1);

/** The thresholds that a run and `candidates.filter` have in common. */
export const thresholdShape = {
  predIouThresh: filterThreshold,
  stabilityScoreThresh: filterThreshold,
  stabilityScoreOffset: z.number().min(0),
  maskThreshold: z.number(),
  boxNmsThresh: share,
  cropNmsThresh: share,
  minMaskRegionArea: z.number().min(0),
};

const optionsSchema = z.strictObject({
  preset: z.enum(["sam", "sam2"]).optional(),
  pointsPerSide: z.int().min(1).max(MAX_POINTS_PER_SIDE).optional(),
  pointGrids: z.array(z.array(z.tuple([share, share])).min(1)).optional(),
  pointsPerBatch: z.int().min(1).max(MAX_POINTS_PER_BATCH).default(64),
  predIouThresh: thresholdShape.predIouThresh.optional(),
  stabilityScoreThresh: thresholdShape.stabilityScoreThresh.optional(),
  stabilityScoreOffset: thresholdShape.stabilityScoreOffset.optional(),
  maskThreshold: thresholdShape.maskThreshold.default(0),
  boxNmsThresh: thresholdShape.boxNmsThresh.default(0.7),
  cropNLayers: z.int().min(0).max(MAX_CROP_LAYERS).default(0),
  cropNmsThresh: thresholdShape.cropNmsThresh.default(0.7),
  cropOverlapRatio: share.default(512 / 1500),
  cropNPointsDownscaleFactor: z.int().min(1).default(1),
  minMaskRegionArea: thresholdShape.minMaskRegionArea.default(0),
  tiles: tileSchema.optional(),
  outputMode: z.enum(["binary_mask", "uncompressed_rle", "coco_rle"]).default("binary_mask"),
  useM2m: z.boolean().default(false),
  multimaskOutput: z.boolean().default(true),
  keepPredIou: filterThreshold.optional(),
  keepStabilityScore: filterThreshold.optional(),
  keepBytes: z.number().min(0).default(DEFAULT_KEEP_BYTES),
});

/**
 * Checks options and fills in the defaults of the preset.
 * @param defaultPreset - Preset when the options name none: that of the model's family.
 * @param modelThresholds - The model's own defaults, for callers who name no preset.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault.
 */
export function resolveEverythingOptions(
  options: EverythingOptions,
  defaultPreset: EverythingPreset,
  modelThresholds: ModelThresholds = {},
): ResolvedEverythingOptions {
  if (typeof options !== "object" || options === null) throw invalidInput("options", "an object", options);
  const { signal: _signal, finishSignal: _finishSignal, onProgress, ...parameters } = options;
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalidInput("onProgress", "a function", onProgress);
  }
  const parsed = optionsSchema.safeParse(parameters);
  if (!parsed.success) throw schemaError(parsed.error, parameters, "");
  const { data } = parsed;
  const preset = data.preset ?? defaultPreset;
  const own = data.preset === undefined ? modelThresholds : {};
  const predIouThresh = data.predIouThresh ?? own.predIouThresh ?? DEFAULT_PRED_IOU_THRESH[preset];
  const stabilityScoreThresh =
    data.stabilityScoreThresh ?? own.stabilityScoreThresh ?? DEFAULT_STABILITY_SCORE_THRESH;
  const resolved: ResolvedEverythingOptions = {
    ...data,
    preset,
    predIouThresh,
    stabilityScoreThresh,
    stabilityScoreOffset:
      data.stabilityScoreOffset ?? own.stabilityScoreOffset ?? DEFAULT_STABILITY_SCORE_OFFSET,
    keepPredIou: data.keepPredIou ?? Math.min(DEFAULT_KEEP_PREDICTED_IOU, predIouThresh),
    keepStabilityScore:
      data.keepStabilityScore ?? Math.min(DEFAULT_KEEP_STABILITY_SCORE, stabilityScoreThresh),
    pointGrids: data.pointGrids,
    tiles: data.tiles && {
      ...data.tiles,
      tileSize: data.tiles.tileSize,
      pointsPerSide: data.tiles.pointsPerSide,
    },
    pointsPerSide: data.pointsPerSide ?? (data.pointGrids ? undefined : DEFAULT_POINTS_PER_SIDE),
  };
  checkGrids(resolved);
  if (resolved.keepPredIou > predIouThresh) {
    throw invalidInput("keepPredIou", `at most predIouThresh, ${predIouThresh}`, resolved.keepPredIou);
  }
  if (resolved.keepStabilityScore > stabilityScoreThresh) {
    throw invalidInput(
      "keepStabilityScore",
      `at most stabilityScoreThresh, ${stabilityScoreThresh}`,
      resolved.keepStabilityScore,
    );
  }
  return resolved;
}

function checkGrids(options: ResolvedEverythingOptions): void {
  const { pointsPerSide, pointGrids, tiles, cropNLayers, cropNPointsDownscaleFactor: factor } = options;
  if (tiles && cropNLayers > 0) throw invalidInput("tiles", "either tiles or cropNLayers", "both");
  if (tiles && pointGrids) throw invalidInput("tiles", "either tiles or pointGrids", "both");
  if (pointsPerSide !== undefined && pointGrids !== undefined) {
    throw invalidInput("pointGrids", "either pointsPerSide or pointGrids", "both");
  }
  if (pointGrids && pointGrids.length !== cropNLayers + 1) {
    throw invalidInput("pointGrids", `${cropNLayers + 1} grids, one more than cropNLayers`, pointGrids);
  }
  if (pointsPerSide !== undefined && Math.floor(pointsPerSide / factor ** cropNLayers) < 1) {
    throw invalidInput(
      "cropNPointsDownscaleFactor",
      `a factor that leaves points for layer ${cropNLayers}`,
      factor,
    );
  }
}
