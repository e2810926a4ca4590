import { LRUCache } from "lru-cache";
import type { CacheStats } from "../backend/cache-store.js";
import { invalidInput } from "../errors.js";
import type { CacheEvent, CacheEvents } from "./cache-events.js";

/** Bounds of a cache in memory. */
export interface ExpiringCacheOptions {
  /** Bytes kept at most; 0 keeps none. */
  readonly maxBytes?: number;
  /** Milliseconds until an entry is forgotten. Default one hour. */
  readonly timeToLiveMs?: number;
}

export interface ExpiringCacheSettings<Value> {
  /** What its events call it. */
  readonly name: CacheEvent["cache"];
  readonly defaultMaxBytes: number;
  readonly bytesOf: (value: Value) => number;
}

const DEFAULT_TIME_TO_LIVE_MS = 60 * 60 * 1000;

/** Answers by content key in memory, bounded in bytes and time, the least recently used leaving first. */
export class ExpiringCache<Value extends object> {
  readonly #entries: LRUCache<string, Value> | undefined;
  readonly #name: CacheEvent["cache"];
  readonly #events: CacheEvents;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** @throws MaskeryError `INVALID_INPUT` for a bound below 0 or none at all. */
  constructor(
    { name, defaultMaxBytes, bytesOf }: ExpiringCacheSettings<Value>,
    options: ExpiringCacheOptions,
    events: CacheEvents,
  ) {
    const maxBytes = checkCacheBytes(`${name}Cache.maxBytes`, options.maxBytes) ?? defaultMaxBytes;
    const timeToLiveMs = options.timeToLiveMs ?? DEFAULT_TIME_TO_LIVE_MS;
    if (!(timeToLiveMs >= 0))
      throw invalidInput(`${name}Cache.timeToLiveMs`, "a number of milliseconds, 0 or more", timeToLiveMs);
    this.#name = name;
    this.#events = events;
    if (maxBytes === 0 || timeToLiveMs === 0) return;
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (value) => Math.max(1, bytesOf(value)),
      // Zero means "never" to the cache underneath, which also wants whole milliseconds.
      ttl: timeToLiveMs === Number.POSITIVE_INFINITY ? 0 : Math.ceil(timeToLiveMs),
      dispose: (_value, key, reason) => {
        if (reason !== "evict" && reason !== "expire") return;
        this.#evictions++;
        events.emit({ cache: name, type: "evicted", key });
      },
    });
  }

  /** False when nothing is ever kept. */
  get enabled(): boolean {
    return this.#entries !== undefined;
  }

  get(key: string): Value | undefined {
    const value = this.#entries?.get(key);
    if (value) {
      this.#hits++;
      this.#events.emit({ cache: this.#name, type: "hit", tier: "memory", key });
    } else {
      this.#misses++;
      this.#events.emit({ cache: this.#name, type: "miss", key });
    }
    return value;
  }

  set(key: string, value: Value): void {
    this.#entries?.set(key, value);
  }

  stats(): Omit<CacheStats, "failures"> {
    // What expired is still inside until somebody asks for it, but it is no longer there.
    this.#entries?.purgeStale();
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

/** @throws MaskeryError `INVALID_INPUT` for anything but a whole number of bytes. */
export function checkCacheBytes(field: string, maxBytes: number | undefined): number | undefined {
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes >= 0))
    throw invalidInput(field, "a whole number of bytes, 0 or more", maxBytes);
  return maxBytes;
}
