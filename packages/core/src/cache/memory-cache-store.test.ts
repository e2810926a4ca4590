import { describe, expect, test } from "vitest";
import { describeCacheStore } from "../testing/describe-cache-store.js";
import { createMemoryCacheStore } from "./memory-cache-store.js";

describeCacheStore("memory", createMemoryCacheStore);

describe("the memory cache", () => {
  test("counts bytes exactly", async () => {
    const store = createMemoryCacheStore({ maxBytes: 100 });
    await store.set("a", new Uint8Array(40));
    await store.set("b", new Uint8Array(0));
    await store.set("c", new Uint8Array(60).subarray(0, 50));
    await store.set("a", new Uint8Array(10));
    expect(await store.stats()).toMatchObject({ entries: 3, bytes: 60, evictions: 0 });
    await store.set("d", new Uint8Array(90));
    expect(await store.stats()).toMatchObject({ entries: 2, bytes: 100, evictions: 2 });
  });

  test("drops expired entries when it counts", async () => {
    const store = createMemoryCacheStore({ maxBytes: 100 });
    await store.set("a", new Uint8Array(40), { timeToLiveMs: 5 });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await store.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 1 });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a bound of %s bytes", (maxBytes) => {
    expect(() => createMemoryCacheStore({ maxBytes })).toThrow(/maxBytes: expected a positive whole number/);
  });
});
