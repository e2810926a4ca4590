import { LRUCache } from "lru-cache";
import type { FoundSegment } from "../../service/find-segments.js";

const MAX_BYTES = 32 * 1024 * 1024;
/** What a segment weighs besides its run lengths. */
const SEGMENT_OVERHEAD_BYTES = 300;

/** Segments by picture and model, so that the same picture in another session needs no model. */
export class SegmentMemory {
  readonly #known = new LRUCache<string, readonly FoundSegment[]>({
    maxSize: MAX_BYTES,
    sizeCalculation: (segments) =>
      1 + segments.reduce((sum, { mask }) => sum + mask.runs.byteLength + SEGMENT_OVERHEAD_BYTES, 0),
  });

  get(key: string): readonly FoundSegment[] | undefined {
    return this.#known.get(key);
  }

  set(key: string, segments: readonly FoundSegment[]): void {
    this.#known.set(key, segments);
  }
}
