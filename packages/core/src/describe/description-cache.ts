import type { CacheStats } from "../backend/cache-store.js";
import type { Platform } from "../backend/platform.js";
import type { CacheEvents } from "../cache/cache-events.js";
import { ExpiringCache } from "../cache/expiring-cache.js";
import { SingleFlight } from "../cache/single-flight.js";
import type { CallOptions } from "../cancellation.js";
import { maskContentId } from "../mask/format/content-id.js";
import type { DescribedMask, Description } from "./describer.js";

const DEFAULT_DESCRIPTION_CACHE_BYTES = 4 * 1024 * 1024;

export interface DescriptionCacheOptions {
  /** Memory for texts. Default 4 MiB; 0 keeps none, though concurrent callers still share. */
  readonly maxBytes?: number;
  /** Milliseconds until a text is forgotten. Default one hour. */
  readonly timeToLiveMs?: number;
}

export type DescriptionCacheStats = Omit<CacheStats, "failures">;

/** A description, and whether it was remembered. */
export interface CachedDescription extends Description {
  /** False for the caller whose call made the describer work. */
  readonly cached: boolean;
}

/** Descriptions by picture, masks and describer; callers who want the same one at the same time share one call. */
export class DescriptionCache {
  readonly #entries: ExpiringCache<Description>;
  readonly #flights = new SingleFlight<Description>();

  /** @throws MaskeryError `INVALID_INPUT` for a bound that is none. */
  constructor(options: DescriptionCacheOptions, events: CacheEvents) {
    this.#entries = new ExpiringCache(
      {
        name: "description",
        defaultMaxBytes: DEFAULT_DESCRIPTION_CACHE_BYTES,
        bytesOf: ({ text, source }) => 2 * (text.length + source.length),
      },
      options,
      events,
    );
  }

  /** The description for a key, remembered or made now. A failed one is forgotten. */
  async get(
    key: string,
    compute: (signal: AbortSignal) => Promise<Description>,
    options: CallOptions,
  ): Promise<CachedDescription> {
    const known = this.#entries.get(key);
    if (known) return { ...known, cached: true };
    let began = false;
    const description = await this.#flights.run(
      key,
      async (signal) => {
        began = true;
        const made = await compute(signal);
        this.#entries.set(key, made);
        return made;
      },
      options,
    );
    return { ...description, cached: !began };
  }

  stats(): DescriptionCacheStats {
    return this.#entries.stats();
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** One text for lists of masks that a describer cannot tell apart: pixels, names and order. */
export async function describedMasksKey(
  masks: readonly DescribedMask[],
  { sha256 }: Pick<Platform, "sha256">,
): Promise<string> {
  const ids = await Promise.all(masks.map(({ mask }) => maskContentId(mask, sha256)));
  const list = masks.map(({ name }, index) => [ids[index], name ?? null]);
  return sha256([new TextEncoder().encode(JSON.stringify(list))]);
}
