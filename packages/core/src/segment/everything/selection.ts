import type { ImageSize } from "../../image/rgba-image.js";
import { runsArea, runsBoundingBox } from "../../mask/runs.js";
import { type MaskBox, suppressOverlapping } from "./box-nms.js";
import { type Cut, cutRegion } from "./candidate.js";
import { expandRegion } from "./plane-region.js";
import { removeSmallRegions } from "./small-regions.js";

/** Masks that stay, in the order of results, and what became of the others. */
export interface Selection {
  readonly cuts: readonly Cut[];
  /** The mask that stands for `cut` in this selection: itself, its cleaned form, or the one that suppressed it. */
  readonly heirOf: (cut: Cut) => Cut;
}

/** The masks of one crop that survive suppression among themselves, best predicted IoU first. */
export function selectInCrop(cuts: readonly Cut[], boxNmsThresh: number): Selection {
  const boxes = cuts.map((cut) => cut.box);
  const scores = cuts.map((cut) => cut.candidate.predictedIou);
  return suppress(cuts, boxes, scores, boxNmsThresh);
}

/**
 * Suppression between crops: masks of smaller crops win, as they show more detail.
 * @param crops - One selection for each crop, in order.
 */
export function selectAcrossCrops(crops: readonly Selection[], cropNmsThresh: number): Selection {
  const cuts = crops.flatMap((crop) => crop.cuts);
  const scores = cuts.map(({ candidate }) => {
    const { x0, y0, x1, y1 } = candidate.crop.box;
    return 1 / ((x1 - x0) * (y1 - y0));
  });
  const selection = suppressInImage(cuts, scores, cropNmsThresh);
  return {
    cuts: selection.cuts,
    heirOf: (cut) => selection.heirOf(crops[cut.candidate.crop.index]!.heirOf(cut)),
  };
}

/** The mask without small holes and islands; the same object when it has none. */
export function cleanCut(cut: Cut, image: ImageSize, minArea: number): Cut {
  const { runs, changed } = removeSmallRegions(requireRuns(cut, image), image.width, image.height, minArea);
  if (!changed) return cut;
  const { x, y, width, height } = runsBoundingBox(runs, image.height);
  const { x0, y0 } = cut.candidate.crop.box;
  const box = {
    minX: x - x0,
    minY: y - y0,
    maxX: x + Math.max(1, width) - 1 - x0,
    maxY: y + Math.max(1, height) - 1 - y0,
  };
  return { ...cut, runs, box, area: runsArea(runs) };
}

/**
 * Suppression after cleaning: masks that needed none win over those that changed.
 * @param cleaned - What `cleanCut` made of each mask of `before`, in order.
 */
export function selectCleaned(before: Selection, cleaned: readonly Cut[], threshold: number): Selection {
  const scores = cleaned.map((cut, index) => (cut === before.cuts[index] ? 1 : 0));
  const selection = suppressInImage(cleaned, scores, threshold);
  const cleanedOf = new Map(before.cuts.map((cut, index) => [cut, cleaned[index]!]));
  return {
    cuts: selection.cuts,
    heirOf: (cut) => {
      const survivor = before.heirOf(cut);
      return selection.heirOf(cleanedOf.get(survivor) ?? survivor);
    },
  };
}

/** The mask's runs at the picture's size; made from the kept logits when nobody needed them so far. */
export function requireRuns(cut: Cut, image: ImageSize): Uint32Array {
  if (!cut.runs) {
    const { region } = cut.candidate;
    const level = cut.level - (region?.base ?? 0);
    cut.runs = cutRegion(cut.candidate, region && expandRegion(region), level, image, true).runs!;
  }
  return cut.runs;
}

/** Suppression among masks of several crops, best score first. */
export function suppressInImage(
  cuts: readonly Cut[],
  scores: readonly number[],
  threshold: number,
): Selection {
  return suppress(cuts, cuts.map(imageBox), scores, threshold);
}

function suppress(
  cuts: readonly Cut[],
  boxes: readonly MaskBox[],
  scores: readonly number[],
  threshold: number,
): Selection {
  const { kept, suppressedBy } = suppressOverlapping(boxes, scores, threshold);
  const suppressor = new Map<Cut, Cut>();
  suppressedBy.forEach((by, index) => {
    if (by >= 0) suppressor.set(cuts[index]!, cuts[by]!);
  });
  return { cuts: kept.map((index) => cuts[index]!), heirOf: (cut) => suppressor.get(cut) ?? cut };
}

function imageBox({ box, candidate }: Cut): MaskBox {
  const { x0, y0 } = candidate.crop.box;
  return { minX: box.minX + x0, minY: box.minY + y0, maxX: box.maxX + x0, maxY: box.maxY + y0 };
}
