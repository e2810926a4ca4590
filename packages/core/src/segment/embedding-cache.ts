import { LRUCache } from "lru-cache";
import type { CacheStats, CacheStore } from "../backend/cache-store.js";
import type { Platform } from "../backend/platform.js";
import type { CacheEvents } from "../cache/cache-events.js";
import { checkCacheBytes } from "../cache/expiring-cache.js";
import { SingleFlight } from "../cache/single-flight.js";
import type { CallOptions } from "../cancellation.js";
import { type Embedding, embeddingBytes } from "./embedding.js";
import { type EmbeddingPrecision, readEmbedding, writeEmbedding } from "./embedding-format.js";

/** Holds about a hundred pictures of the built-in model, or a dozen of SAM2. */
export const DEFAULT_EMBEDDING_CACHE_BYTES = 256 * 1024 * 1024;

export interface EmbeddingCacheOptions {
  /** Memory for embeddings of recent pictures. Default 256 MiB; 0 keeps none, though concurrent callers still share. */
  readonly maxBytes?: number;
  /** Slower tiers behind the memory, asked in order: a folder, a server. They stay the caller's to dispose. */
  readonly stores?: readonly CacheStore[];
  /** How the stores keep embeddings. Default `"float32"`: exact. */
  readonly storePrecision?: EmbeddingPrecision;
}

const NOTHING_KNOWN: CacheStats = { entries: 0, bytes: 0, hits: 0, misses: 0, evictions: 0, failures: 0 };

export interface EmbeddingCacheStats {
  /** Encodes that were begun. */
  readonly encodes: number;
  readonly memory: Omit<CacheStats, "failures">;
  /** One entry for each store, in order. */
  readonly stores: readonly ({ readonly name: string } & CacheStats)[];
}

export interface CachedEmbedding {
  readonly embedding: Embedding;
  /** False for the caller whose call made the encoder run. */
  readonly cached: boolean;
}

/** Embeddings by content key in tiers, each picture encoded once however many callers ask at a time. */
export class EmbeddingCache {
  readonly #entries: LRUCache<string, Embedding> | undefined;
  readonly #flights = new SingleFlight<Embedding>();
  readonly #writes = new Set<Promise<void>>();
  readonly #stores: readonly CacheStore[];
  readonly #precision: EmbeddingPrecision;
  readonly #platform: Pick<Platform, "sha256" | "now">;
  readonly #events: CacheEvents;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  #encodes = 0;
  /** Calls that threw although stores must not, by their place. */
  readonly #storeFailures: number[];

  /** @throws MaskeryError `INVALID_INPUT` for a bound that is none. */
  constructor(
    options: EmbeddingCacheOptions,
    platform: Pick<Platform, "sha256" | "now">,
    events: CacheEvents,
  ) {
    const maxBytes =
      checkCacheBytes("embeddingCache.maxBytes", options.maxBytes) ?? DEFAULT_EMBEDDING_CACHE_BYTES;
    this.#stores = options.stores ?? [];
    this.#storeFailures = this.#stores.map(() => 0);
    this.#precision = options.storePrecision ?? "float32";
    this.#platform = platform;
    this.#events = events;
    if (maxBytes === 0) return;
    this.#entries = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: embeddingBytes,
      dispose: (_value, key, reason) => {
        if (reason !== "evict") return;
        this.#evictions++;
        events.emit({ cache: "embedding", type: "evicted", key });
      },
    });
  }

  /** The embedding for a key: remembered, stored, being made by somebody else, or made now by `compute`. */
  async get(
    key: string,
    modelFingerprint: string,
    compute: (signal: AbortSignal) => Promise<Embedding>,
    options: CallOptions = {},
  ): Promise<CachedEmbedding> {
    const known = this.#entries?.get(key);
    if (known) {
      this.#hits++;
      this.#events.emit({ cache: "embedding", type: "hit", tier: "memory", key });
      return { embedding: known, cached: true };
    }
    let computed = false;
    let began = false;
    const embedding = await this.#flights.run(
      key,
      async (signal) => {
        began = true;
        this.#misses++;
        const stored = await this.#fromStores(key, modelFingerprint);
        if (stored) return this.#remember(key, stored);
        computed = true;
        return this.#remember(key, await this.#compute(key, compute, signal));
      },
      options,
    );
    if (!began) this.#hits++;
    return { embedding, cached: !computed };
  }

  /** The remembered embedding for a key, without counting or refreshing it. */
  peek(key: string): Embedding | undefined {
    return this.#entries?.peek(key);
  }

  async stats(): Promise<EmbeddingCacheStats> {
    return {
      encodes: this.#encodes,
      memory: {
        entries: this.#entries?.size ?? 0,
        bytes: this.#entries?.calculatedSize ?? 0,
        hits: this.#hits,
        misses: this.#misses,
        evictions: this.#evictions,
      },
      stores: await Promise.all(
        this.#stores.map(async (store, index) => {
          const stats = await store.stats().catch(() => this.#failed(index, NOTHING_KNOWN));
          return { name: store.name, ...stats, failures: stats.failures + this.#storeFailures[index]! };
        }),
      ),
    };
  }

  /** Waits until everything is written to the stores. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** Forgets what is in memory. */
  forget(): void {
    this.#entries?.clear();
  }

  /** Empties every tier. */
  async clear(): Promise<void> {
    this.forget();
    await this.settle();
    await Promise.all(this.#stores.map((store) => store.clear()));
  }

  #remember(key: string, embedding: Embedding): Embedding {
    this.#entries?.set(key, embedding);
    return embedding;
  }

  async #compute(
    key: string,
    compute: (signal: AbortSignal) => Promise<Embedding>,
    signal: AbortSignal,
  ): Promise<Embedding> {
    this.#encodes++;
    this.#events.emit({ cache: "embedding", type: "miss", key });
    const startedAt = this.#platform.now();
    const embedding = await compute(signal);
    this.#events.emit({
      cache: "embedding",
      type: "computed",
      key,
      milliseconds: this.#platform.now() - startedAt,
    });
    this.#storeMeanwhile(key, embedding, this.#stores.length);
    return embedding;
  }

  async #fromStores(key: string, modelFingerprint: string): Promise<Embedding | undefined> {
    for (const [index, store] of this.#stores.entries()) {
      const unusable = (error: unknown) =>
        this.#events.emit({ cache: "embedding", type: "unusable", tier: store.name, key, error });
      const bytes = await store.get(key).catch((error: unknown) => {
        unusable(error);
        return this.#failed(index, undefined);
      });
      if (bytes === undefined) continue;
      try {
        const embedding = await readEmbedding(bytes, this.#platform);
        if (embedding.modelFingerprint !== modelFingerprint)
          throw new Error("The entry belongs to another model.");
        this.#events.emit({ cache: "embedding", type: "hit", tier: store.name, key });
        this.#storeMeanwhile(key, embedding, index);
        return embedding;
      } catch (error) {
        unusable(error);
        await store.delete(key).catch(() => this.#failed(index, false));
      }
    }
    return undefined;
  }

  /**
   * Writes to the stores before place `end`. Callers do not wait for slow tiers; `settle` does. By their contract stores do not
   * fail; one that does is told about, and keeps none of the others from their turn.
   */
  #storeMeanwhile(key: string, embedding: Embedding, end: number): void {
    if (end === 0) return;
    const write = async () => {
      const bytes = await writeEmbedding(embedding, this.#platform, this.#precision);
      await Promise.all(
        this.#stores.slice(0, end).map((store, index) => this.#store(store, index, key, bytes)),
      );
    };
    const writing = write().catch((error: unknown) => {
      for (const { name } of this.#stores.slice(0, end))
        this.#events.emit({ cache: "embedding", type: "unusable", tier: name, key, error });
    });
    this.#writes.add(writing);
    void writing.finally(() => this.#writes.delete(writing));
  }

  async #store(store: CacheStore, index: number, key: string, bytes: Uint8Array): Promise<void> {
    try {
      await store.set(key, bytes);
    } catch (error) {
      this.#failed(index, undefined);
      this.#events.emit({ cache: "embedding", type: "unusable", tier: store.name, key, error });
    }
  }

  #failed<Answer>(index: number, instead: Answer): Answer {
    this.#storeFailures[index]!++;
    return instead;
  }
}
