import { describeValue, invalidInput, MaskeryError } from "../errors.js";
import type { ImageSize } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";

/** A mask that a session keeps under an id. */
export interface StoredMask {
  readonly id: string;
  readonly mask: Mask;
  /** What the caller calls it, for lists and captions. */
  readonly name?: string | undefined;
}

/** The masks that belong to one picture, in the order they were added. */
export class MaskCollection implements Iterable<StoredMask> {
  readonly #image: ImageSize;
  readonly #stored = new Map<string, StoredMask>();
  #nextNumber = 1;

  constructor(image: ImageSize) {
    this.#image = image;
  }

  get size(): number {
    return this.#stored.size;
  }

  /**
   * Keeps a mask.
   * @param details.id - Default: `m1`, `m2`, … in order.
   * @throws MaskeryError `INVALID_INPUT` for a mask of another size, `CONFLICT` for an id that is taken.
   */
  add(mask: Mask, details: { readonly id?: string; readonly name?: string } = {}): StoredMask {
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
    const stored: StoredMask = { id, mask, ...(details.name !== undefined && { name: details.name }) };
    this.#stored.set(id, stored);
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
    return this.#stored.delete(id);
  }

  clear(): void {
    this.#stored.clear();
  }

  /** The mask itself, whether it is handed over or named by its id. */
  resolve(maskOrId: Mask | string): Mask {
    return typeof maskOrId === "string" ? this.get(maskOrId).mask : maskOrId;
  }

  /**
   * The masks that hold the pixel at `(x, y)`, smallest first; equal areas by score, best first.
   * Their run lengths are walked, no model runs.
   */
  at(x: number, y: number): StoredMask[] {
    return [...this.#stored.values()]
      .filter(({ mask }) => mask.contains(x, y))
      .sort(
        (first, second) =>
          first.mask.area - second.mask.area || (second.mask.score ?? 0) - (first.mask.score ?? 0),
      );
  }

  [Symbol.iterator](): IterableIterator<StoredMask> {
    return this.#stored.values();
  }

  #freeId(): string {
    while (this.#stored.has(`m${this.#nextNumber}`)) this.#nextNumber++;
    return `m${this.#nextNumber++}`;
  }
}
