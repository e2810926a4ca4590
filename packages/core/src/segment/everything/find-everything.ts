import { throwIfAborted } from "../../cancellation.js";
import { BatchFilter } from "./batch-filter.js";
import { type Cut, compareCuts } from "./candidate.js";
import { CandidateStore } from "./candidate-store.js";
import { Candidates } from "./candidates.js";
import { cropTasks } from "./crop-tasks.js";
import { decodeBatches } from "./decode-batches.js";
import type { EverythingContext } from "./everything-context.js";
import type { FoundMask } from "./found-mask.js";
import { FoundMasks } from "./found-masks.js";
import type { EverythingProgress, ResolvedEverythingOptions } from "./options.js";
import { cleanCut, type Selection, selectAcrossCrops, selectCleaned, selectInCrop } from "./selection.js";
import { TileMerger } from "./tiles/tile-merger.js";
import { untilFinished } from "./until-finished.js";
import { WorkSlices } from "./work-slices.js";

/** How far below the run's lowest level logits are kept, so that a filter can move threshold and offset. */
const LOGIT_MARGIN = 1;

/** How old the shown set may become while masks come in; choosing it anew takes about a millisecond. */
const REFRESH_MS = 100;

/** What a run ends with. */
export interface EverythingResult {
  /** The final masks, in the reference's order. */
  readonly masks: readonly FoundMask[];
  readonly candidates: Candidates;
  /** Whether every point was asked. */
  readonly isComplete: boolean;
}

/**
 * The automatic mask generator: a grid of points for the picture and for each crop, every plane of every point judged,
 * duplicates suppressed within each crop and then between crops. Yields masks as soon as their batch is judged; later ones
 * may replace them.
 * Source: facebookresearch/segment-anything and facebookresearch/sam2, automatic_mask_generator.py.
 * @param signal - Must fire when the reader stops early.
 * @param finish - When it fires, the run ends with what it has found until then.
 * @throws MaskeryError `ABORTED`, `TIMEOUT`, and what encoder and decoder throw.
 */
export async function* findEverything(
  context: EverythingContext,
  options: ResolvedEverythingOptions,
  signal: AbortSignal,
  onProgress?: (progress: EverythingProgress) => void,
  finish?: AbortSignal,
): AsyncGenerator<FoundMask, EverythingResult, undefined> {
  const { image, output } = context;
  const now = () => context.now();
  const crops = await cropTasks(context, options, { signal });
  const points = crops.reduce((total, crop) => total + crop.points.length, 0);
  const found = new FoundMasks({ image, output, outputMode: options.outputMode });
  const logitFloor = Math.fround(options.maskThreshold - options.stabilityScoreOffset) - LOGIT_MARGIN;
  const store = new CandidateStore(options, logitFloor);
  const filter = new BatchFilter(image, options, store);
  const merger = options.tiles && new TileMerger(image, options.tiles.mergeThresh);
  const passing = crops.map((): Cut[] => []);
  const perCrop: Selection[] = [];
  let selection: Selection = { cuts: [], heirOf: (cut) => cut };
  let pointsDone = 0;
  let pointsShown = 0;
  let shownAt = now();

  const show = (index: number): FoundMask[] => {
    // Suppression starts afresh every time: a better mask may free others that a worse one had suppressed.
    perCrop[index] = selectInCrop(passing[index]!.sort(compareCuts), options.boxNmsThresh);
    if (merger) selection = merger.select(perCrop, options.cropNmsThresh);
    else selection = crops.length > 1 ? selectAcrossCrops(perCrop, options.cropNmsThresh) : perCrop[index];
    pointsShown = pointsDone;
    shownAt = now();
    return found.show(selection);
  };

  const ending = new AbortController();
  const stop = () => ending.abort();
  const batches = decodeBatches(context, crops, options, AbortSignal.any([signal, ending.signal]));
  let lastIndex = 0;
  for await (const batch of untilFinished(batches, finish, stop)) {
    const { index } = batch.frame;
    lastIndex = index;
    passing[index]!.push(...(await filter.judge(batch, new WorkSlices(now, signal))));
    pointsDone += batch.points.length;
    let news: FoundMask[] = [];
    if (
      pointsDone - pointsShown >= options.pointsPerBatch ||
      batch.isLastOfCrop ||
      now() - shownAt > REFRESH_MS
    )
      news = show(index);
    onProgress?.({
      fraction: pointsDone / points,
      crop: index + 1,
      crops: crops.length,
      points,
      pointsDone,
      masks: found.shownCount,
    });
    yield* news;
  }
  throwIfAborted(signal);
  if (pointsShown < pointsDone) yield* show(lastIndex);

  merger?.pin();
  const { preset, minMaskRegionArea, boxNmsThresh, cropNmsThresh } = options;
  const cleaned = new Map<Cut, Cut>();
  if (preset === "sam" && minMaskRegionArea > 0) {
    const slices = new WorkSlices(now, signal);
    for (const cut of selection.cuts) {
      cleaned.set(cut, cleanCut(cut, image, minMaskRegionArea));
      if (slices.isOver) await slices.pause();
    }
    selection = selectCleaned(selection, [...cleaned.values()], Math.max(boxNmsThresh, cropNmsThresh));
    yield* found.show(selection);
  }
  const cuts = [...store.cuts].sort(compareCuts);
  return {
    masks: selection.cuts.map((cut) => found.of(cut)),
    candidates: new Candidates({
      image,
      options,
      cuts,
      crops: crops.length,
      floors: store.floors,
      found,
      cleaned,
      merger,
    }),
    isComplete: pointsDone === points,
  };
}
