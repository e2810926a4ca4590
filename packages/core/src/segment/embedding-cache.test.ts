import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CacheEvents } from "../cache/cache-events.js";
import { createMemoryCacheStore } from "../cache/memory-cache-store.js";
import type { Embedding } from "./embedding.js";
import { EmbeddingCache, type EmbeddingCacheOptions } from "./embedding-cache.js";

const platform = {
  now: () => performance.now(),
  sha256: async (parts: readonly Uint8Array[]) => {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest("hex");
  },
};

const KILOBYTE = 1024;

/** 4 KiB of embedding. */
const embedding = (value: number, modelFingerprint = "model"): Embedding => ({
  modelFingerprint,
  imageSize: { width: 8, height: 4 },
  fit: { size: 16, resizedWidth: 16, resizedHeight: 8, scaleX: 2, scaleY: 2 },
  tensors: {
    image_embed: { type: "float32", dims: [1, KILOBYTE], data: new Float32Array(KILOBYTE).fill(value) },
  },
});

const createCache = (options: EmbeddingCacheOptions = {}) => {
  const events = new CacheEvents();
  const seen: string[] = [];
  events.subscribe((event) =>
    seen.push(`${event.type}${"tier" in event ? ` ${event.tier}` : ""} ${event.key}`),
  );
  return { cache: new EmbeddingCache(options, platform, events), seen };
};

const never = async (): Promise<Embedding> => {
  throw new Error("The encoder must not run.");
};

describe("EmbeddingCache", () => {
  it("encodes once for callers at a time and remembers", async () => {
    const { cache } = createCache();
    let encodes = 0;
    const compute = async () => {
      encodes++;
      return embedding(1);
    };
    const together = await Promise.all([1, 2, 3].map(() => cache.get("a", "model", compute)));
    expect(together.filter(({ cached }) => cached)).toHaveLength(2);
    expect((await cache.get("a", "model", never)).cached).toBe(true);
    expect(encodes).toBe(1);
    expect(await cache.stats()).toMatchObject({
      encodes: 1,
      memory: { entries: 1, bytes: 4 * KILOBYTE, hits: 3, misses: 1 },
    });
  });

  it("drops the least recently used beyond its bytes", async () => {
    const { cache, seen } = createCache({ maxBytes: 10 * KILOBYTE });
    await cache.get("a", "model", async () => embedding(1));
    await cache.get("b", "model", async () => embedding(2));
    await cache.get("a", "model", never);
    await cache.get("c", "model", async () => embedding(3));
    expect(cache.peek("a")).toBeDefined();
    expect(cache.peek("b")).toBeUndefined();
    expect((await cache.stats()).memory).toMatchObject({ entries: 2, evictions: 1 });
    expect(seen).toContain("evicted b");
  });

  it("fills a store and takes from it after a restart, into the tiers before it", async () => {
    const near = createMemoryCacheStore({ maxBytes: 100 * KILOBYTE });
    const far = createMemoryCacheStore({ maxBytes: 100 * KILOBYTE });
    const before = createCache({ stores: [far] });
    await before.cache.get("a", "model", async () => embedding(7));
    await before.cache.settle();
    const { cache, seen } = createCache({ stores: [near, far] });
    const found = await cache.get("a", "model", never);
    expect(found).toEqual({ embedding: embedding(7), cached: true });
    expect(seen).toEqual([`hit ${far.name} a`]);
    await cache.settle();
    expect((await near.stats()).entries).toBe(1);
    expect(await cache.stats()).toMatchObject({ encodes: 0, stores: [{ entries: 1 }, { hits: 1 }] });
  });

  it("keeps stores at half precision on wish", async () => {
    const [exact, half] = [
      createMemoryCacheStore({ maxBytes: 100 * KILOBYTE }),
      createMemoryCacheStore({ maxBytes: 100 * KILOBYTE }),
    ];
    for (const [store, storePrecision] of [
      [exact, "float32"],
      [half, "float16"],
    ] as const) {
      const { cache } = createCache({ stores: [store], storePrecision });
      await cache.get("a", "model", async () => embedding(0.1));
      await cache.settle();
    }
    expect((await half.stats()).bytes).toBeLessThan(0.7 * (await exact.stats()).bytes);
  });

  it("never answers with a broken entry or another model's: it computes anew and replaces it", async () => {
    const store = createMemoryCacheStore({ maxBytes: 100 * KILOBYTE });
    await store.set("broken", new TextEncoder().encode("no embedding"));
    const other = createCache({ stores: [store] });
    await other.cache.get("foreign", "other", async () => embedding(1, "other"));
    await other.cache.settle();
    const { cache, seen } = createCache({ stores: [store] });
    for (const key of ["broken", "foreign"]) {
      const found = await cache.get(key, "model", async () => embedding(2));
      expect(found).toEqual({ embedding: embedding(2), cached: false });
      expect(seen).toContain(`unusable ${store.name} ${key}`);
    }
    await cache.settle();
    const fresh = createCache({ stores: [store] });
    expect((await fresh.cache.get("broken", "model", never)).embedding).toEqual(embedding(2));
  });

  it("forgets a failed encode", async () => {
    const { cache } = createCache();
    await expect(cache.get("a", "model", never)).rejects.toThrow("must not run");
    expect((await cache.get("a", "model", async () => embedding(1))).cached).toBe(false);
  });

  it("with no memory still shares an encode under way", async () => {
    const { cache } = createCache({ maxBytes: 0 });
    let encodes = 0;
    const compute = async () => {
      encodes++;
      return embedding(1);
    };
    await Promise.all([cache.get("a", "model", compute), cache.get("a", "model", compute)]);
    await cache.get("a", "model", compute);
    expect(encodes).toBe(2);
  });

  it("keeps an embedding without tensors, which weighs nothing", async () => {
    const { cache } = createCache();
    await cache.get("empty", "model", async () => ({ ...embedding(1), tensors: {} }));
    expect((await cache.get("empty", "model", never)).cached).toBe(true);
  });

  it("is not disturbed by a listener that throws", async () => {
    const events = new CacheEvents();
    events.subscribe(() => {
      throw new Error("careless");
    });
    const cache = new EmbeddingCache({}, platform, events);
    expect((await cache.get("a", "model", async () => embedding(1))).embedding).toEqual(embedding(1));
  });
});
