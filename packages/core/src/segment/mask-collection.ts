import { describeValue, invalidInput, MaskeryError } from "../errors.js";
import type { ImageSize } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { RunLookup } from "../mask/run-lookup.js";

/** A mask that a session keeps under an id. */
export interface StoredMask {
  readonly id: string;
  readonly mask: Mask;
  /** What the caller calls it, for lists and captions. */
  readonly name?: string | undefined;
  /** How little the mask changes when it is cut tighter or wider, 0..1; known of automatic masks. */
  readonly stability?: number | undefined;
}

/** A mask with its stability, as automatic runs give them. */
export interface ScoredMask {
  readonly mask: Mask;
  readonly stabilityScore: number;
}

/** Masks below are looked at last, however small: their border could as well lie elsewhere. */
const LEAST_STABILITY = 0.7;
/** The same for masks of which only the model's own score is known. Masks without either are somebody's own, and trusted. */
const LEAST_SCORE = 0.3;

interface IndexedMask {
  readonly stored: StoredMask;
  readonly lookup: RunLookup;
}

/** The masks that belong to one picture, in the order they were added. */
export class MaskCollection implements Iterable<StoredMask> {
  readonly #image: ImageSize;
  readonly #stored = new Map<string, StoredMask>();
  #nextNumber = 1;
  /** In the order of `at`; made by the first look after a change. */
  #index: readonly IndexedMask[] | undefined;

  constructor(image: ImageSize) {
    this.#image = image;
  }

  get size(): number {
    return this.#stored.size;
  }

  /**
   * Keeps a mask, or one that an automatic run found, with its stability.
   * @param details.id - Default: `m1`, `m2`, … in order.
   * @throws MaskeryError `INVALID_INPUT` for a mask of another size, `CONFLICT` for an id that is taken.
   */
  add(maskOrFound: Mask | ScoredMask, details: Partial<Omit<StoredMask, "mask">> = {}): StoredMask {
    const isFound = "stabilityScore" in maskOrFound;
    const mask = isFound ? maskOrFound.mask : maskOrFound;
    const stability = details.stability ?? (isFound ? maskOrFound.stabilityScore : undefined);
    if (mask.width !== this.#image.width || mask.height !== this.#image.height) {
      throw invalidInput(
        "mask",
        `a mask of ${this.#image.width} × ${this.#image.height}`,
        `${mask.width} × ${mask.height}`,
      );
    }
    const id = details.id ?? this.#freeId();
    if (this.#stored.has(id))
      throw new MaskeryError("CONFLICT", `id: expected a new one, received ${describeValue(id)}`, {
        field: "id",
      });
    const stored: StoredMask = {
      id,
      mask,
      ...(details.name !== undefined && { name: details.name }),
      ...(stability !== undefined && { stability }),
    };
    this.#stored.set(id, stored);
    this.#index = undefined;
    return stored;
  }

  /** @throws MaskeryError `NOT_FOUND`. */
  get(id: string): StoredMask {
    const stored = this.#stored.get(id);
    if (stored) return stored;
    throw new MaskeryError(
      "NOT_FOUND",
      `id: expected one of the session's masks, received ${describeValue(id)}`,
      { field: "id" },
    );
  }

  has(id: string): boolean {
    return this.#stored.has(id);
  }

  /** @returns Whether there was such a mask. */
  delete(id: string): boolean {
    this.#index = undefined;
    return this.#stored.delete(id);
  }

  clear(): void {
    this.#index = undefined;
    this.#stored.clear();
  }

  /** The mask itself, whether it is handed over or named by its id. */
  resolve(maskOrId: Mask | string): Mask {
    return typeof maskOrId === "string" ? this.get(maskOrId).mask : maskOrId;
  }

  /**
   * The masks that hold the pixel at `(x, y)`, smallest first; equal areas by score, best first. Unstable ones come last:
   * those of a stability below 0.7, or where it is not known of a score below 0.3.
   * Their run lengths are searched, no model runs.
   */
  at(x: number, y: number): StoredMask[] {
    const [column, row] = [Math.round(x), Math.round(y)];
    return this.#bySize()
      .filter(({ lookup }) => lookup.contains(column, row))
      .map(({ stored }) => stored);
  }

  /** The first of `at`, without looking for the others. */
  smallestAt(x: number, y: number): StoredMask | undefined {
    const [column, row] = [Math.round(x), Math.round(y)];
    return this.#bySize().find(({ lookup }) => lookup.contains(column, row))?.stored;
  }

  [Symbol.iterator](): IterableIterator<StoredMask> {
    return this.#stored.values();
  }

  #bySize(): readonly IndexedMask[] {
    this.#index ??= [...this.#stored.values()]
      .sort(
        (first, second) =>
          Number(isStable(second)) - Number(isStable(first)) ||
          first.mask.area - second.mask.area ||
          (second.mask.score ?? 0) - (first.mask.score ?? 0),
      )
      .map((stored) => ({ stored, lookup: new RunLookup(stored.mask.runs, stored.mask.height) }));
    return this.#index;
  }

  #freeId(): string {
    while (this.#stored.has(`m${this.#nextNumber}`)) this.#nextNumber++;
    return `m${this.#nextNumber++}`;
  }
}

function isStable({ mask, stability }: StoredMask): boolean {
  return stability === undefined ? (mask.score ?? 1) >= LEAST_SCORE : stability >= LEAST_STABILITY;
}
