import type { ImageOutput } from "../../backend/platform.js";
import type { ImageSize } from "../../image/rgba-image.js";
import type { Cut } from "./candidate.js";
import { FoundMask } from "./found-mask.js";
import type { OutputMode } from "./options.js";
import { requireRuns, type Selection } from "./selection.js";

export interface FoundMasksParts {
  readonly image: ImageSize;
  readonly output: ImageOutput;
  readonly outputMode: OutputMode;
}

/** Gives every mask its id once, and keeps account of what a stream has shown. */
export class FoundMasks {
  readonly #parts: FoundMasksParts;
  readonly #known = new WeakMap<Cut, FoundMask>();
  #shown = new Set<Cut>();
  #nextId = 1;

  constructor(parts: FoundMasksParts) {
    this.#parts = parts;
  }

  /** The mask of a cut; the same one whenever it is asked for. */
  of(cut: Cut): FoundMask {
    return this.#known.get(cut) ?? this.#make(cut, []);
  }

  /** Masks that are shown at this moment. */
  get shownCount(): number {
    return this.#shown.size;
  }

  /**
   * Makes a selection the shown set.
   * @returns The masks to stream, in the order of results: those that are new in the set. Every mask that leaves the set is
   * named in `replaces` of the one that stands for it now. Where that one was shown before, it comes again under a new id.
   */
  show(selection: Selection): FoundMask[] {
    const next = new Set(selection.cuts);
    const replacedIds = new Map<Cut, number[]>();
    for (const cut of this.#shown) {
      if (next.has(cut)) continue;
      const heir = selection.heirOf(cut);
      const ids = replacedIds.get(heir) ?? [];
      if (ids.length === 0 && this.#shown.has(heir)) ids.push(this.of(heir).id);
      ids.push(this.of(cut).id);
      replacedIds.set(heir, ids);
    }
    const shownBefore = this.#shown;
    this.#shown = next;
    return selection.cuts
      .filter((cut) => !shownBefore.has(cut) || replacedIds.has(cut))
      .map((cut) => this.#make(cut, replacedIds.get(cut) ?? []));
  }

  #make(cut: Cut, replaces: readonly number[]): FoundMask {
    const runs = requireRuns(cut, this.#parts.image);
    const found = new FoundMask({ ...this.#parts, id: this.#nextId++, replaces, cut: { ...cut, runs } });
    this.#known.set(cut, found);
    return found;
  }
}
