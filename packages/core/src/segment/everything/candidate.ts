import type { ImageSize } from "../../image/rgba-image.js";
import { RunBuilder } from "../../mask/run-builder.js";
import type { Runs } from "../../mask/runs.js";
import type { MaskBox } from "./box-nms.js";
import type { CropBox } from "./crop-boxes.js";
import type { PixelLattice } from "./pixel-lattice.js";
import type { CompactRegion, PlaneRegion } from "./plane-region.js";
import { emptyExtent, scanPlane, stabilityBound } from "./plane-scan.js";
import { passesStability, stabilityScore } from "./stability.js";

/** A crop of the picture with what all its candidates share. */
export interface CropFrame {
  /** Place in the order of crops. */
  readonly index: number;
  readonly box: CropBox;
}

/** One plane of one point, as the decoder gave it; what does not depend on any threshold. */
export interface Candidate {
  readonly crop: CropFrame;
  /** Rises with the point's place in the grid and the plane's among those of its point: the reference's order. */
  readonly order: number;
  /** In image pixels. */
  readonly point: readonly [x: number, y: number];
  readonly predictedIou: number;
  /** Absent when no value reached the kept range: an empty mask. */
  readonly region: CompactRegion | undefined;
  readonly lattice: PixelLattice;
}

/** Sorts cuts into the reference's order: crops, then points, then planes. */
export function compareCuts({ candidate: first }: Cut, { candidate: second }: Cut): number {
  return first.crop.index - second.crop.index || first.order - second.order;
}

/** A candidate cut at one threshold: what filters and suppression judge. */
export interface Cut {
  readonly candidate: Candidate;
  readonly stabilityScore: number;
  /** Logit above which a pixel belongs to the mask. */
  readonly level: number;
  /** Pixels of the mask. */
  readonly area: number;
  /** In pixels of the crop. */
  readonly box: MaskBox;
  /** The mask at the picture's size, once it was needed. */
  runs: Runs | undefined;
}

/** Where a mask is cut and how far its stability is tested, in logits. */
export interface CutLevels {
  readonly maskThreshold: number;
  readonly stabilityScoreOffset: number;
}

/** The levels that a scan compares values with. PyTorch compares in single precision, so they are rounded to it. */
export function scanLevels({ maskThreshold, stabilityScoreOffset }: CutLevels, base = 0) {
  return {
    tight: Math.fround(maskThreshold + stabilityScoreOffset) - base,
    wide: Math.fround(maskThreshold - stabilityScoreOffset) - base,
    mask: Math.fround(maskThreshold) - base,
  };
}

export type ScanLevels = ReturnType<typeof scanLevels>;

/** Stability of a region's mask; an empty region has none (NaN). */
export function measureStability(
  region: PlaneRegion | undefined,
  lattice: PixelLattice,
  levels: ScanLevels,
): number {
  if (!region) return Number.NaN;
  return stabilityScore(
    scanPlane(region, lattice, levels.tight).area,
    scanPlane(region, lattice, levels.wide).area,
  );
}

/** Whether a region's mask may reach a stability; false is certain, and far quicker than measuring. */
export function mayBeStable(
  region: PlaneRegion | undefined,
  lattice: PixelLattice,
  levels: ScanLevels,
  threshold: number,
): boolean {
  if (threshold <= 0) return true;
  return (
    region !== undefined &&
    passesStability(stabilityBound(region, lattice, levels.tight, levels.wide), threshold)
  );
}

/** Area and box of the mask, and its runs in the picture's frame when `withRuns` says so. */
export function cutRegion(
  candidate: Pick<Candidate, "crop" | "lattice">,
  region: PlaneRegion | undefined,
  level: number,
  image: ImageSize,
  withRuns: boolean,
): Pick<Cut, "area" | "box" | "runs"> {
  const pixels = image.width * image.height;
  if (!region) return { ...emptyExtent, runs: withRuns ? Uint32Array.of(pixels) : undefined };
  if (!withRuns) return { ...scanPlane(region, candidate.lattice, level), runs: undefined };
  const builder = new RunBuilder();
  const { x0, y0 } = candidate.crop.box;
  const extent = scanPlane(region, candidate.lattice, level, { builder, x0, y0, imageHeight: image.height });
  return { ...extent, runs: builder.finish(pixels) };
}
