import type { ImageSize } from "../../../image/rgba-image.js";
import type { Cut } from "../candidate.js";
import { type BandOverlaps, boxesMeet } from "./overlap-in-band.js";
import { type CutSides, cutSides, goesOnIn, isCut } from "./tile-sides.js";

/** A mask that lies in another by this share of its pixels is taken for a part of it. */
export const INSIDE_SHARE = 0.85;
/** Two pieces of one tile that share more than this are two readings of one thing, and no object has both. */
const READING_SHARE = 0.1;

interface Link {
  readonly first: number;
  readonly second: number;
  readonly strength: number;
}

/**
 * Finds which masks of neighbouring tiles are pieces of one object: one of them is cut by a side of its tile, the other tile shows
 * what lies beyond, and in the band that both tiles show they agree. Best agreement first, and each piece goes on in one mask of
 * another tile; but several pieces of one tile may go on in the same mask there, as two legs do in a body, when they lie inside
 * it and apart from one another.
 * @param cuts - Masks of tiles, `layer` 1.
 * @param mergeThresh - Least IoU in the band.
 * @returns For each mask the number of its group; masks of a group are one object.
 */
export function groupPieces(
  cuts: readonly Cut[],
  overlaps: BandOverlaps,
  image: ImageSize,
  mergeThresh: number,
): Int32Array {
  const sides = cuts.map((cut) => cutSides(cut, image));
  const groups = new Groups(cuts, overlaps);
  const { matches, parts } = findLinks(cuts, sides, overlaps, mergeThresh);
  // A mask's continuation in one tile is one mask; `taken` remembers which tiles are settled.
  const taken = cuts.map(() => new Set<number>());
  for (const { first, second } of matches) {
    const firstTile = cuts[first]!.candidate.crop.index;
    const secondTile = cuts[second]!.candidate.crop.index;
    if (taken[first]!.has(secondTile) || taken[second]!.has(firstTile)) continue;
    if (!groups.unite(first, second)) continue;
    taken[first]!.add(secondTile);
    taken[second]!.add(firstTile);
  }
  for (const { first, second } of parts) {
    const secondTile = cuts[second]!.candidate.crop.index;
    if (taken[first]!.has(secondTile)) continue;
    if (groups.unite(first, second)) taken[first]!.add(secondTile);
  }
  return groups.numbers();
}

function findLinks(
  cuts: readonly Cut[],
  sides: readonly CutSides[],
  overlaps: BandOverlaps,
  mergeThresh: number,
): { readonly matches: readonly Link[]; readonly parts: readonly Link[] } {
  const matches: Link[] = [];
  /** `first` is cut and lies inside `second`, which is larger in the band. */
  const parts: Link[] = [];
  const leftOf = (index: number) => cuts[index]!.box.minX + cuts[index]!.candidate.crop.box.x0;
  const fromTheLeft = cuts.map((_, index) => index).sort((one, other) => leftOf(one) - leftOf(other));
  for (const [place, first] of fromTheLeft.entries()) {
    const one = cuts[first]!;
    const right = one.box.maxX + one.candidate.crop.box.x0;
    for (let next = place + 1; next < fromTheLeft.length; next++) {
      const second = fromTheLeft[next]!;
      if (leftOf(second) > right) break;
      const other = cuts[second]!;
      if (one.candidate.crop === other.candidate.crop || !boxesMeet(one, other)) continue;
      const oneGoesOn = goesOnIn(sides[first]!, one.candidate.crop.box, other.candidate.crop.box);
      const otherGoesOn = goesOnIn(sides[second]!, other.candidate.crop.box, one.candidate.crop.box);
      if (!oneGoesOn && !otherGoesOn) continue;
      const { iou, firstInside, secondInside } = overlaps.of(one, other);
      if (iou >= mergeThresh && iou > 0) matches.push({ first, second, strength: iou });
      else if (oneGoesOn && firstInside >= INSIDE_SHARE) parts.push({ first, second, strength: firstInside });
      else if (otherGoesOn && secondInside >= INSIDE_SHARE)
        parts.push({ first: second, second: first, strength: secondInside });
    }
  }
  const strongestFirst = (first: Link, second: Link) => second.strength - first.strength;
  return { matches: matches.sort(strongestFirst), parts: parts.sort(strongestFirst) };
}

/** Sets of masks that grow together. */
class Groups {
  readonly #cuts: readonly Cut[];
  readonly #overlaps: BandOverlaps;
  readonly #members: (readonly number[])[];

  constructor(cuts: readonly Cut[], overlaps: BandOverlaps) {
    this.#cuts = cuts;
    this.#overlaps = overlaps;
    this.#members = cuts.map((_, index) => [index]);
  }

  /** @returns Whether they are one group now. Groups that read one place of a tile in two ways stay apart. */
  unite(first: number, second: number): boolean {
    const one = this.#members[first]!;
    const other = this.#members[second]!;
    if (one === other) return true;
    if (one.some((member) => other.some((foreign) => this.#contradict(member, foreign)))) return false;
    const united = [...one, ...other];
    for (const member of united) this.#members[member] = united;
    return true;
  }

  numbers(): Int32Array {
    return Int32Array.from(this.#members, (members) => members[0]!);
  }

  #contradict(first: number, second: number): boolean {
    const one = this.#cuts[first]!;
    const other = this.#cuts[second]!;
    if (one.candidate.crop !== other.candidate.crop) return false;
    const { firstInside, secondInside } = this.#overlaps.of(one, other);
    return Math.max(firstInside, secondInside) > READING_SHARE;
  }
}

/** Whether a mask is cut by a side of its tile. */
export function isPiece(cut: Cut, image: ImageSize): boolean {
  return isCut(cutSides(cut, image));
}
