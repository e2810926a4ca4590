import { LRUCache } from "lru-cache";
import type { CacheStats } from "../backend/cache-store.js";
import type { CacheEvents } from "../cache/cache-events.js";
import type { Mask } from "../mask/mask.js";

const DEFAULT_RESULT_CACHE_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIME_TO_LIVE_MS = 60 * 60 * 1000;

export interface ResultCacheOptions {
  /** Memory for masks, their logits included. Default 64 MiB; 0 keeps none. */
  readonly maxBytes?: number;
  /** Milliseconds until a result is forgotten. Default one hour. */
  readonly timeToLiveMs?: number;
}

export type ResultCacheStats = Omit<CacheStats, "failures">;

/** Masks by content key and prompt, so that the same question about the same picture runs no model. */
export class ResultCache {
  readonly #entries: LRUCache<string, readonly Mask[]> | undefined;
  readonly #events: CacheEvents;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(options: ResultCacheOptions, events: CacheEvents) {
    const maxBytes = options.maxBytes ?? DEFAULT_RESULT_CACHE_BYTES;
    this.#events = events;
    if (maxBytes <= 0) return;
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: resultBytes,
      ttl: options.timeToLiveMs ?? DEFAULT_TIME_TO_LIVE_MS,
      dispose: (_value, key, reason) => {
        if (reason !== "evict" && reason !== "expire") return;
        this.#evictions++;
        events.emit({ cache: "result", type: "evicted", key });
      },
    });
  }

  get enabled(): boolean {
    return this.#entries !== undefined;
  }

  get(key: string): readonly Mask[] | undefined {
    const masks = this.#entries?.get(key);
    if (masks) {
      this.#hits++;
      this.#events.emit({ cache: "result", type: "hit", tier: "memory", key });
    } else {
      this.#misses++;
      this.#events.emit({ cache: "result", type: "miss", key });
    }
    return masks;
  }

  set(key: string, masks: readonly Mask[]): void {
    this.#entries?.set(key, masks);
  }

  stats(): ResultCacheStats {
    return {
      entries: this.#entries?.size ?? 0,
      bytes: this.#entries?.calculatedSize ?? 0,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }

  clear(): void {
    this.#entries?.clear();
  }
}

function resultBytes(masks: readonly Mask[]): number {
  return Math.max(
    1,
    masks.reduce((total, { runs, logits }) => total + runs.byteLength + (logits?.data.byteLength ?? 0), 0),
  );
}
