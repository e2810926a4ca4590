import type { ImageSize } from "../../image/rgba-image.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import {
  type Candidate,
  type CropFrame,
  type Cut,
  cutRegion,
  mayBeStable,
  measureStability,
  scanLevels,
} from "./candidate.js";
import type { CandidateStore } from "./candidate-store.js";
import { cleanPlane } from "./clean-plane.js";
import { isNearCropEdge } from "./crop-edge.js";
import type { DecodedBatch } from "./decode-batches.js";
import type { ResolvedEverythingOptions } from "./options.js";
import { latticeFits, type PixelLattice, pixelLattice } from "./pixel-lattice.js";
import { compactRegion, readRegion } from "./plane-region.js";
import { bestPlaneOnly } from "./refine-by-mask.js";
import { passesPredictedIou, passesStability } from "./stability.js";
import type { WorkSlices } from "./work-slices.js";

/** More than any model gives; keeps planes of one point together in the order. */
const MAX_PLANES_PER_POINT = 64;

/**
 * Judges decoded planes: predicted IoU, then stability, then the mask's box against the crop's edges. Areas are counted at
 * the resolution of the crop, straight from the low-resolution plane.
 */
export class BatchFilter {
  readonly #image: ImageSize;
  readonly #options: ResolvedEverythingOptions;
  readonly #store: CandidateStore;
  readonly #logitFloor: number;
  #lattice: { readonly frame: CropFrame; readonly lattice: PixelLattice } | undefined;
  #scratch = new Float32Array(0);

  /** @param store - Takes every plane above the floors. */
  constructor(image: ImageSize, options: ResolvedEverythingOptions, store: CandidateStore) {
    this.#image = image;
    this.#options = options;
    this.#store = store;
    this.#logitFloor = store.floors.logit;
  }

  /**
   * @returns The masks that pass. Nothing of them refers to the decoder's buffers.
   * @throws MaskeryError `ABORTED`, `TIMEOUT`.
   */
  async judge({ frame, points, indices, objects }: DecodedBatch, slices: WorkSlices): Promise<Cut[]> {
    const { multimaskOutput } = this.#options;
    const passing: Cut[] = [];
    for (const [index, [x, y]] of points.entries()) {
      const { planes, scores } = multimaskOutput ? objects[index]! : bestPlaneOnly(objects[index]!);
      const point = [x + frame.box.x0, y + frame.box.y0] as const;
      for (const [place, plane] of planes.entries()) {
        const predictedIou = scores[place]!;
        if (!this.#store.accepts(predictedIou)) continue;
        const order = indices[index]! * MAX_PLANES_PER_POINT + place;
        const cut = this.#judgePlane(frame, order, point, predictedIou, plane);
        if (cut) passing.push(cut);
        if (slices.isOver) await slices.pause();
      }
    }
    return passing;
  }

  #judgePlane(
    frame: CropFrame,
    order: number,
    point: Candidate["point"],
    predictedIou: number,
    given: LogitsPlane,
  ): Cut | undefined {
    const { preset, minMaskRegionArea, predIouThresh, stabilityScoreThresh } = this.#options;
    const lattice = this.#latticeFor(frame, given);
    const plane =
      preset === "sam2" && minMaskRegionArea > 0 ? cleanPlane(given, lattice, minMaskRegionArea) : given;
    const region = readRegion(plane, lattice, this.#logitFloor, this.#scratch);
    const levels = scanLevels(this.#options);
    if (!mayBeStable(region, lattice, levels, this.#store.floors.stabilityScoreThresh)) return undefined;
    const stabilityScore = measureStability(region, lattice, levels);
    if (!this.#store.acceptsStability(stabilityScore)) return undefined;

    const wanted =
      passesPredictedIou(predictedIou, predIouThresh) &&
      passesStability(stabilityScore, stabilityScoreThresh);
    const candidate: Candidate = {
      crop: frame,
      order,
      point,
      predictedIou,
      lattice,
      region: region && compactRegion(region, levels.mask),
    };
    const cut = {
      candidate,
      stabilityScore,
      level: levels.mask,
      // Runs now, while the exact logits are at hand, for every mask that the run may come to show.
      ...cutRegion(candidate, region, levels.mask, this.#image, wanted),
    };
    this.#store.add(cut);
    if (!wanted) return undefined;
    // What a tile cuts goes on in the next one.
    return this.#options.tiles || !isNearCropEdge(cut.box, frame.box, this.#image) ? cut : undefined;
  }

  #latticeFor(frame: CropFrame, plane: LogitsPlane): PixelLattice {
    if (this.#lattice?.frame !== frame || !latticeFits(this.#lattice.lattice, plane)) {
      const { x0, y0, x1, y1 } = frame.box;
      this.#lattice = { frame, lattice: pixelLattice(plane, { width: x1 - x0, height: y1 - y0 }) };
      const samples = (plane.width + 1) * (plane.height + 1);
      if (this.#scratch.length < samples) this.#scratch = new Float32Array(samples);
    }
    return this.#lattice.lattice;
  }
}
