import type { CacheStats } from "../backend/cache-store.js";
import type { CacheEvents } from "../cache/cache-events.js";
import { ExpiringCache } from "../cache/expiring-cache.js";
import type { Mask } from "../mask/mask.js";

const DEFAULT_RESULT_CACHE_BYTES = 64 * 1024 * 1024;

export interface ResultCacheOptions {
  /** Memory for masks, their logits included. Default 64 MiB; 0 keeps none. */
  readonly maxBytes?: number;
  /** Milliseconds until a result is forgotten. Default one hour. */
  readonly timeToLiveMs?: number;
}

export type ResultCacheStats = Omit<CacheStats, "failures">;

/** Masks by content key and prompt, so that the same question about the same picture runs no model. */
export type ResultCache = ExpiringCache<readonly Mask[]>;

/** @throws MaskeryError `INVALID_INPUT` for a bound that is none. */
export function createResultCache(options: ResultCacheOptions, events: CacheEvents): ResultCache {
  return new ExpiringCache(
    { name: "result", defaultMaxBytes: DEFAULT_RESULT_CACHE_BYTES, bytesOf: resultBytes },
    options,
    events,
  );
}

function resultBytes(masks: readonly Mask[]): number {
  return masks.reduce(
    (total, { runs, logits }) => total + runs.byteLength + (logits?.data.byteLength ?? 0),
    0,
  );
}
