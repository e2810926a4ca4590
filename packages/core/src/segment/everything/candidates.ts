import { z } from "zod";
import { invalidInput } from "../../errors.js";
import type { ImageSize } from "../../image/rgba-image.js";
import { schemaError } from "../../schema-error.js";
import {
  type Candidate,
  type Cut,
  cutRegion,
  mayBeStable,
  measureStability,
  scanLevels,
} from "./candidate.js";
import { type CandidateFloors, cutBytes } from "./candidate-store.js";
import { isNearCropEdge } from "./crop-edge.js";
import type { FoundMask } from "./found-mask.js";
import type { FoundMasks } from "./found-masks.js";
import { type ResolvedEverythingOptions, thresholdShape } from "./options.js";
import { expandRegion } from "./plane-region.js";
import { cleanCut, type Selection, selectAcrossCrops, selectCleaned, selectInCrop } from "./selection.js";
import { passesPredictedIou, passesStability } from "./stability.js";
import type { TileMerger } from "./tiles/tile-merger.js";

/** Other thresholds for the same candidates. What is left out is as the run had it. */
export interface CandidateFilterOptions {
  /** Not below `floors.predIouThresh`. */
  readonly predIouThresh?: number | undefined;
  /** Not below `floors.stabilityScoreThresh`. */
  readonly stabilityScoreThresh?: number | undefined;
  /** With `maskThreshold`: their difference not below `floors.logit`. */
  readonly stabilityScoreOffset?: number | undefined;
  readonly maskThreshold?: number | undefined;
  readonly boxNmsThresh?: number | undefined;
  readonly cropNmsThresh?: number | undefined;
  /** Only with the preset `sam`: the other one cleans planes before they become candidates. */
  readonly minMaskRegionArea?: number | undefined;
  /** Smaller masks, in pixels, are left out before overlaps are settled; with tiles, after that. Default 0. */
  readonly minArea?: number | undefined;
  /** Larger masks likewise. Default: no limit. */
  readonly maxArea?: number | undefined;
}

const filterSchema = z.strictObject({
  ...(Object.fromEntries(
    Object.entries(thresholdShape).map(([name, schema]) => [name, schema.optional()]),
  ) as {
    [Name in keyof typeof thresholdShape]: z.ZodOptional<z.ZodNumber>;
  }),
  minArea: z.number().min(0).default(0),
  maxArea: z.number().min(0).optional(),
});

export interface CandidatesParts {
  readonly image: ImageSize;
  readonly options: ResolvedEverythingOptions;
  readonly cuts: readonly Cut[];
  readonly crops: number;
  readonly floors: CandidateFloors;
  readonly found: FoundMasks;
  /** What the run's own `minMaskRegionArea` made of its masks. */
  readonly cleaned: Map<Cut, Cut>;
  /** Puts pieces of tiles together; absent without tiles. */
  readonly merger: TileMerger | undefined;
}

/**
 * What the model said about every point of a run, kept so that thresholds can change without running it again: of each
 * plane above the floors its scores, its box, and its logits above `floors.logit` at half precision, cut to the rectangle
 * in which they lie; masks that passed the run's own thresholds are also kept as exact runs. The decoder's buffers are not
 * held. A 128 × 128 plane whose object fills a tenth of the picture takes about 4 kB.
 *
 * Masks that the run itself cut are exact. Those that only a later filter asks for come from half-precision logits: their
 * borders can differ in about one pixel of a thousand along the border.
 */
export class Candidates {
  readonly floors: CandidateFloors;
  readonly #parts: CandidatesParts;
  #recut: { readonly key: string; readonly cuts: Map<Candidate, Cut> } | undefined;
  #cleaned: { readonly minArea: number; readonly cuts: Map<Cut, Cut> };

  constructor(parts: CandidatesParts) {
    this.#parts = parts;
    this.floors = parts.floors;
    this.#cleaned = { minArea: parts.options.minMaskRegionArea, cuts: parts.cleaned };
  }

  /** Candidates that are kept. */
  get length(): number {
    return this.#parts.cuts.length;
  }

  /** Memory of their logits and runs. */
  get bytes(): number {
    return this.#parts.cuts.reduce((total, cut) => total + cutBytes(cut), 0);
  }

  /**
   * The final masks under other thresholds, in the reference's order. No model runs; masks that the run showed keep their
   * ids. Another `maskThreshold` or `stabilityScoreOffset` measures the candidates anew, once, in 0.03 to 0.3 ms each by
   * the size of the mask; it considers those that were stable enough to be kept under the run's own.
   * @throws MaskeryError `INVALID_INPUT` naming the member at fault, also for a threshold below its floor.
   */
  filter(options: CandidateFilterOptions = {}): FoundMask[] {
    const { image, found, merger, options: own } = this.#parts;
    const parsed = filterSchema.safeParse(options);
    if (!parsed.success) throw schemaError(parsed.error, options, "");
    const { minArea, maxArea = Number.POSITIVE_INFINITY, ...thresholds } = parsed.data;
    const given = Object.fromEntries(Object.entries(thresholds).filter(([, value]) => value !== undefined));
    const wanted: ResolvedEverythingOptions = { ...own, ...given };
    this.#checkFloors(wanted);

    const isWantedSize = ({ area }: Cut) => area >= minArea && area <= maxArea;
    const perCrop = Array.from({ length: this.#parts.crops }, (): Cut[] => []);
    for (const cut of this.#cutsFor(wanted)) {
      const { predictedIou, crop } = cut.candidate;
      if (!passesPredictedIou(predictedIou, wanted.predIouThresh)) continue;
      if (!passesStability(cut.stabilityScore, wanted.stabilityScoreThresh)) continue;
      // A piece that a tile cut off says nothing about the size of its object, and nothing against it.
      if (!merger && !(isWantedSize(cut) && !isNearCropEdge(cut.box, crop.box, image))) continue;
      perCrop[crop.index]!.push(cut);
    }
    const crops = perCrop.map((cuts) => selectInCrop(cuts, wanted.boxNmsThresh));
    let selection: Selection;
    if (merger) {
      selection = merger.select(crops, wanted.cropNmsThresh);
      selection = { ...selection, cuts: selection.cuts.filter(isWantedSize) };
    } else selection = crops.length > 1 ? selectAcrossCrops(crops, wanted.cropNmsThresh) : crops[0]!;
    if (own.preset === "sam" && wanted.minMaskRegionArea > 0) {
      const cleaned = selection.cuts.map((cut) => this.#clean(cut, wanted.minMaskRegionArea));
      selection = selectCleaned(selection, cleaned, Math.max(wanted.boxNmsThresh, wanted.cropNmsThresh));
    }
    return selection.cuts.map((cut) => found.of(cut));
  }

  #checkFloors(wanted: ResolvedEverythingOptions): void {
    const { predIouThresh, stabilityScoreThresh, logit } = this.floors;
    if (predIouThresh > 0 && wanted.predIouThresh < predIouThresh) {
      throw invalidInput(
        "predIouThresh",
        `at least ${predIouThresh}: candidates below were not kept`,
        wanted.predIouThresh,
      );
    }
    if (stabilityScoreThresh > 0 && wanted.stabilityScoreThresh < stabilityScoreThresh) {
      throw invalidInput(
        "stabilityScoreThresh",
        `at least ${stabilityScoreThresh}: candidates below were not kept`,
        wanted.stabilityScoreThresh,
      );
    }
    const lowest = wanted.maskThreshold - wanted.stabilityScoreOffset;
    if (lowest < logit) {
      const expected = `maskThreshold - stabilityScoreOffset of at least ${logit}: logits below were not kept`;
      throw invalidInput("maskThreshold", expected, lowest);
    }
    const { preset, minMaskRegionArea } = this.#parts.options;
    if (preset !== "sam" && wanted.minMaskRegionArea !== minMaskRegionArea) {
      throw invalidInput(
        "minMaskRegionArea",
        "no other value than the run's with the preset sam2",
        wanted.minMaskRegionArea,
      );
    }
  }

  *#cutsFor(wanted: ResolvedEverythingOptions): Iterable<Cut> {
    const { cuts, options, image } = this.#parts;
    const { maskThreshold, stabilityScoreOffset } = wanted;
    if (maskThreshold === options.maskThreshold && stabilityScoreOffset === options.stabilityScoreOffset) {
      yield* cuts;
      return;
    }
    const key = `${maskThreshold} ${stabilityScoreOffset}`;
    if (this.#recut?.key !== key) this.#recut = { key, cuts: new Map() };
    const recut = this.#recut.cuts;
    for (const { candidate } of cuts) {
      if (!passesPredictedIou(candidate.predictedIou, wanted.predIouThresh)) continue;
      let cut = recut.get(candidate);
      cut ??= cutAnew(candidate, wanted, image);
      if (!cut) continue;
      recut.set(candidate, cut);
      yield cut;
    }
  }

  #clean(cut: Cut, minArea: number): Cut {
    if (this.#cleaned.minArea !== minArea) this.#cleaned = { minArea, cuts: new Map() };
    const known = this.#cleaned.cuts.get(cut);
    if (known) return known;
    const cleaned = cleanCut(cut, this.#parts.image, minArea);
    this.#cleaned.cuts.set(cut, cleaned);
    return cleaned;
  }
}

/** @returns `undefined` when it cannot be as stable as wanted. */
function cutAnew(candidate: Candidate, wanted: ResolvedEverythingOptions, image: ImageSize): Cut | undefined {
  const region = candidate.region && expandRegion(candidate.region);
  const levels = scanLevels(wanted, candidate.region?.base);
  if (!mayBeStable(region, candidate.lattice, levels, wanted.stabilityScoreThresh)) return undefined;
  return {
    candidate,
    stabilityScore: measureStability(region, candidate.lattice, levels),
    level: scanLevels(wanted).mask,
    ...cutRegion(candidate, region, levels.mask, image, false),
  };
}
