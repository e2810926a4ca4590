import { LRUCache } from "lru-cache";
import type { PainterMask } from "./painter-masks.js";

const MAX_BYTES = 64 * 1024 * 1024;
/** What a mask weighs besides its run lengths. */
const MASK_OVERHEAD_BYTES = 200;

/** Automatic masks by picture, model and options, so that the same picture in another session needs no model. */
export class GenerationCache {
  readonly #known = new LRUCache<string, readonly PainterMask[]>({
    maxSize: MAX_BYTES,
    sizeCalculation: (masks) =>
      1 + masks.reduce((sum, { mask }) => sum + mask.runs.byteLength + MASK_OVERHEAD_BYTES, 0),
  });

  get(key: string): readonly PainterMask[] | undefined {
    return this.#known.get(key);
  }

  set(key: string, masks: readonly PainterMask[]): void {
    this.#known.set(key, masks);
  }

  clear(): void {
    this.#known.clear();
  }
}
