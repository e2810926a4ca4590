import type { CacheStats } from "../backend/cache-store.js";
import type { CacheEvents } from "../cache/cache-events.js";
import { ExpiringCache } from "../cache/expiring-cache.js";
import type { Mask } from "../mask/mask.js";

const DEFAULT_RESULT_CACHE_BYTES = 64 * 1024 * 1024;

export interface ResultCacheOptions {
  /** Memory for masks, their logits and soft edges included. Default 64 MiB; 0 keeps none. */
  readonly maxBytes?: number;
  /** Milliseconds until a result is forgotten. Default one hour. */
  readonly timeToLiveMs?: number;
}

export type ResultCacheStats = Omit<CacheStats, "failures">;

/** What a mask shows, by a model that names what it finds. */
export interface MaskName {
  /** The data set's own name, such as `diningtable`. */
  readonly class: string;
  /** The same for people. */
  readonly label: string;
  /** 0..1: how sure the model is. */
  readonly confidence: number;
}

/** What a question about a picture was answered with. */
export interface RememberedResult {
  readonly masks: readonly Mask[];
  /** One for each mask, where the model names what it finds. */
  readonly names?: readonly MaskName[];
}

/** Answers by content key and question, so that the same question about the same picture runs no model. */
export type ResultCache = ExpiringCache<RememberedResult>;

/** @throws MaskeryError `INVALID_INPUT` for a bound that is none. */
export function createResultCache(options: ResultCacheOptions, events: CacheEvents): ResultCache {
  return new ExpiringCache(
    { name: "result", defaultMaxBytes: DEFAULT_RESULT_CACHE_BYTES, bytesOf: resultBytes },
    options,
    events,
  );
}

function resultBytes({ masks, names = [] }: RememberedResult): number {
  const pixels = masks.reduce(
    (total, { runs, logits, alpha }) =>
      total + runs.byteLength + (logits?.data.byteLength ?? 0) + (alpha?.gray.byteLength ?? 0),
    0,
  );
  return names.reduce((total, name) => total + 2 * (name.class.length + name.label.length), pixels);
}
