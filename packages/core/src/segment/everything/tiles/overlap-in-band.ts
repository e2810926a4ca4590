import type { ImageSize } from "../../../image/rgba-image.js";
import { runsIntersectionArea } from "../../../mask/runs.js";
import type { Cut } from "../candidate.js";
import { requireRuns } from "../selection.js";
import { areaInBox } from "./area-in-box.js";
import { sharedBand } from "./tile-sides.js";

/** How two masks of two tiles agree in the part of the picture that both tiles show. */
export interface BandOverlap {
  readonly iou: number;
  /** Share of the first mask's pixels in the band that the second holds too; and the other way round. */
  readonly firstInside: number;
  readonly secondInside: number;
}

const NOTHING: BandOverlap = { iou: 0, firstInside: 0, secondInside: 0 };

/** Measures pairs of masks, each pair once: a run asks again and again while masks come in, and so does every filter. */
export class BandOverlaps {
  readonly #image: ImageSize;
  readonly #known = new WeakMap<Cut, WeakMap<Cut, BandOverlap>>();

  constructor(image: ImageSize) {
    this.#image = image;
  }

  of(first: Cut, second: Cut): BandOverlap {
    let known = this.#known.get(first);
    if (!known) {
      known = new WeakMap();
      this.#known.set(first, known);
    }
    let overlap = known.get(second);
    if (!overlap) {
      overlap = boxesMeet(first, second) ? this.#measure(first, second) : NOTHING;
      known.set(second, overlap);
    }
    return overlap;
  }

  #measure(first: Cut, second: Cut): BandOverlap {
    const band = sharedBand(first.candidate.crop.box, second.candidate.crop.box);
    if (!band) return NOTHING;
    const { height } = this.#image;
    const firstRuns = requireRuns(first, this.#image);
    const secondRuns = requireRuns(second, this.#image);
    // Either mask lies in its own tile, so what they share lies in the band.
    const shared = runsIntersectionArea(firstRuns, secondRuns);
    if (shared === 0) return NOTHING;
    const firstArea = areaInBox(firstRuns, height, band);
    const secondArea = areaInBox(secondRuns, height, band);
    return {
      iou: shared / (firstArea + secondArea - shared),
      firstInside: shared / firstArea,
      secondInside: shared / secondArea,
    };
  }
}

export function boxesMeet(first: Cut, second: Cut): boolean {
  const { x0, y0 } = first.candidate.crop.box;
  const { x0: otherX0, y0: otherY0 } = second.candidate.crop.box;
  return (
    first.area > 0 &&
    second.area > 0 &&
    first.box.minX + x0 <= second.box.maxX + otherX0 &&
    second.box.minX + otherX0 <= first.box.maxX + x0 &&
    first.box.minY + y0 <= second.box.maxY + otherY0 &&
    second.box.minY + otherY0 <= first.box.maxY + y0
  );
}
