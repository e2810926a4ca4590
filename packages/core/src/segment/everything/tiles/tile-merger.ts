import type { ImageSize } from "../../../image/rgba-image.js";
import { runsIntersectionArea } from "../../../mask/runs.js";
import type { Cut } from "../candidate.js";
import { requireRuns, type Selection, suppressInImage } from "../selection.js";
import { groupPieces, INSIDE_SHARE, isPiece } from "./group-pieces.js";
import { mergePieces } from "./merge-pieces.js";
import { BandOverlaps, boxesMeet } from "./overlap-in-band.js";

/** What wins where masks of several tiles overlap: scores of 0 to 1 decide within a rank. */
const RANK_WHOLE_IN_ONE_TILE = 4;
const RANK_MERGED_OR_COARSE = 2;
const RANK_LONE_PIECE = 0;

/** The masks that a choice is made from. */
interface Choice {
  readonly cut: Cut;
  readonly isLonePiece: boolean;
  readonly rank: number;
}

/**
 * Settles what the tiles of a picture found: pieces of one object are merged over the tiles' borders, then duplicates are
 * suppressed. Of duplicates a mask that one tile holds whole wins over one that was put together and over one of the whole
 * picture, and pieces without continuation come last; those that lie inside another mask are dropped.
 */
export class TileMerger {
  readonly #image: ImageSize;
  readonly #mergeThresh: number;
  readonly #overlaps: BandOverlaps;
  /** Merged masks by their pieces, so that the same pieces give the same mask again. */
  #merged = new Map<string, Cut>();
  readonly #pieceOf = new WeakMap<Cut, Cut>();
  #pinned: ReadonlyMap<string, Cut> = new Map();

  constructor(image: ImageSize, mergeThresh: number) {
    this.#image = image;
    this.#mergeThresh = mergeThresh;
    this.#overlaps = new BandOverlaps(image);
  }

  /**
   * @param crops - The selection of each crop, in order.
   * @param threshold - Boxes that overlap by more are duplicates.
   */
  select(crops: readonly Selection[], threshold: number): Selection {
    const cuts = crops.flatMap((crop) => crop.cuts);
    const pieces = cuts.filter(({ candidate }) => candidate.crop.box.layer > 0);
    const groups = groupPieces(pieces, this.#overlaps, this.#image, this.#mergeThresh);
    const members = new Map<number, Cut[]>();
    pieces.forEach((piece, index) => {
      const group = groups[index]!;
      members.set(group, [...(members.get(group) ?? []), piece]);
    });
    const mergedOf = new Map<Cut, Cut>();
    const merged = new Map<string, Cut>();
    const choices = cuts
      .filter(({ candidate }) => candidate.crop.box.layer === 0)
      .map((cut): Choice => ({ cut, isLonePiece: false, rank: RANK_MERGED_OR_COARSE }));
    for (const group of members.values()) {
      choices.push(group.length === 1 ? this.#single(group[0]!) : this.#merge(group, merged, mergedOf));
    }
    this.#merged = merged;
    const mergedNow = new Set(merged.values());

    const boxes = suppressInImage(
      choices.map(({ cut }) => cut),
      choices.map(({ cut, rank }) => rank + cut.candidate.predictedIou),
      threshold,
    );
    const lonePieces = new Set(choices.flatMap(({ cut, isLonePiece }) => (isLonePiece ? [cut] : [])));
    const holderOf = this.#holders(boxes.cuts, lonePieces);
    const kept = boxes.cuts
      .filter((cut) => !holderOf.has(cut))
      .sort((first, second) => second.candidate.predictedIou - first.candidate.predictedIou);
    return {
      cuts: kept,
      heirOf: (cut) => {
        // A merged mask that is no longer made is stood for by what became of its pieces.
        const found = mergedNow.has(cut) ? cut : (this.#pieceOf.get(cut) ?? cut);
        const survivor = crops[found.candidate.crop.index]!.heirOf(found);
        const heir = boxes.heirOf(mergedOf.get(survivor) ?? survivor);
        return holderOf.get(heir) ?? heir;
      },
    };
  }

  /** Remembers the merged masks of the last selection for good: they are what the run shows. */
  pin(): void {
    this.#pinned = this.#merged;
  }

  #single(cut: Cut): Choice {
    const isLonePiece = isPiece(cut, this.#image);
    return { cut, isLonePiece, rank: isLonePiece ? RANK_LONE_PIECE : RANK_WHOLE_IN_ONE_TILE };
  }

  #merge(pieces: readonly Cut[], merged: Map<string, Cut>, mergedOf: Map<Cut, Cut>): Choice {
    // One of them may hold the object whole; the others are then pieces of it that a neighbour saw.
    const key = pieces
      .map(({ candidate, level }) => `${candidate.crop.index} ${candidate.order} ${level}`)
      .sort()
      .join();
    const cut = this.#pinned.get(key) ?? this.#merged.get(key) ?? mergePieces(pieces, this.#image);
    merged.set(key, cut);
    this.#pieceOf.set(cut, pieces[0]!);
    for (const piece of pieces) mergedOf.set(piece, cut);
    const isWhole = pieces.some((piece) => !isPiece(piece, this.#image));
    return { cut, isLonePiece: false, rank: isWhole ? RANK_WHOLE_IN_ONE_TILE : RANK_MERGED_OR_COARSE };
  }

  /** For each lone piece that lies inside another mask, that mask. */
  #holders(cuts: readonly Cut[], lonePieces: ReadonlySet<Cut>): ReadonlyMap<Cut, Cut> {
    const holders = new Map<Cut, Cut>();
    for (const piece of cuts) {
      if (!lonePieces.has(piece)) continue;
      const pieceRuns = requireRuns(piece, this.#image);
      const holder = cuts.find(
        (other) =>
          !lonePieces.has(other) &&
          boxesMeet(piece, other) &&
          runsIntersectionArea(pieceRuns, requireRuns(other, this.#image)) >= INSIDE_SHARE * piece.area,
      );
      if (holder) holders.set(piece, holder);
    }
    return holders;
  }
}
