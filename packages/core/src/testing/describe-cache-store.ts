import { afterEach, describe, expect } from "vitest";
import type { CacheStore } from "../backend/cache-store.js";
import { type ContractSuiteOptions, delay, dutyTests, expectRejection } from "./contract-suite.js";

export type CacheStoreDuty =
  | "values"
  | "copies"
  | "keys"
  | "expiry"
  | "bounds"
  | "eviction-order"
  | "statistics"
  | "overlap"
  | "input-checks"
  | "dispose";

export interface CacheStoreSettings {
  readonly maxBytes: number;
  /** Milliseconds until an entry expires by default. Absent: never. */
  readonly timeToLiveMs?: number;
}

const roomy: CacheStoreSettings = { maxBytes: 1_000_000 };
/** What a store may add to each value for its own needs, in bytes. */
const mostOverheadPerEntry = 1024;
const shortLifeMs = 400;
const longLifeMs = 60_000;

/**
 * The duties of a {@link CacheStore}.
 * @param factory - Makes an empty store with these settings for each test; the suite disposes it.
 */
export function describeCacheStore(
  name: string,
  factory: (settings: CacheStoreSettings) => CacheStore | Promise<CacheStore>,
  { knownGaps }: ContractSuiteOptions<CacheStoreDuty> = {},
): void {
  const duty = dutyTests<CacheStoreDuty>(knownGaps);
  const stores: CacheStore[] = [];
  const makeStore = async (settings: CacheStoreSettings = roomy) => {
    const store = await factory(settings);
    stores.push(store);
    return store;
  };

  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.dispose()));
  });

  describe(`CacheStore contract: ${name}`, () => {
    duty("values", "names itself and its version of the contract", async () => {
      const store = await makeStore();
      expect(store.contractVersion).toBe(1);
      expect(store.name).not.toBe("");
    });

    for (const [what, value] of [
      ["some bytes", bytesOf(1, 2, 3)],
      ["no bytes", new Uint8Array(0)],
      ["every byte", Uint8Array.from({ length: 256 }, (_, index) => index)],
      ["many bytes", filled(300_001, 9)],
    ] as const) {
      duty("values", `gives back ${what}`, async () => {
        const store = await makeStore();
        await store.set("key", value);
        const found = await store.get("key");
        expect(found).toBeInstanceOf(Uint8Array);
        expect(sameBytes(found, value)).toBe(true);
      });
    }

    duty("values", "answers undefined for what was never set", async () => {
      const store = await makeStore();
      expect(await store.get("key")).toBeUndefined();
      await store.set("key", bytesOf(1));
      expect(await store.get("other")).toBeUndefined();
    });

    duty("values", "replaces a value", async () => {
      const store = await makeStore();
      await store.set("key", filled(5000, 1));
      await store.set("key", bytesOf(2));
      expect(await store.get("key")).toEqual(bytesOf(2));
      expect(await store.stats()).toMatchObject({ entries: 1 });
    });

    duty("values", "deletes one entry and says whether it was there", async () => {
      const store = await makeStore();
      await store.set("a", bytesOf(1));
      await store.set("b", bytesOf(2));
      expect(await store.delete("a")).toBe(true);
      expect(await store.delete("a")).toBe(false);
      expect(await store.delete("never")).toBe(false);
      expect(await store.get("a")).toBeUndefined();
      expect(await store.get("b")).toEqual(bytesOf(2));
    });

    duty("values", "clears everything, and goes on", async () => {
      const store = await makeStore();
      await Promise.all(["a", "b", "c"].map((key) => store.set(key, bytesOf(1))));
      await store.clear();
      expect(await store.get("a")).toBeUndefined();
      expect(await store.stats()).toMatchObject({ entries: 0, bytes: 0 });
      await store.set("a", bytesOf(2));
      expect(await store.get("a")).toEqual(bytesOf(2));
    });

    duty("copies", "does not notice what the caller does to a buffer after set", async () => {
      const store = await makeStore();
      const value = bytesOf(1, 2, 3);
      await store.set("key", value);
      value.fill(9);
      expect(await store.get("key")).toEqual(bytesOf(1, 2, 3));
    });

    duty("copies", "gives every caller a buffer of their own", async () => {
      const store = await makeStore();
      await store.set("key", bytesOf(1, 2, 3));
      const first = await store.get("key");
      first?.fill(9);
      expect(await store.get("key")).toEqual(bytesOf(1, 2, 3));
    });

    duty("copies", "stores a view on part of a larger buffer, and nothing else of it", async () => {
      const store = await makeStore();
      await store.set("key", filled(100_000, 7).subarray(50, 53));
      const value = await store.get("key");
      expect(value).toEqual(bytesOf(7, 7, 7));
      expect((await store.stats()).bytes).toBeLessThan(mostOverheadPerEntry + 4);
    });

    const strangeKeys = [
      " ",
      ".",
      "..",
      "../../outside",
      "/etc/passwd",
      'a/b\\c:d*e?f"g<h>i|j',
      "line\nbreak\0zero",
      "__proto__",
      "CON",
      "Grüße 🌍",
      "Key",
      "key",
      "\ud800",
      "\udfff",
      "x".repeat(20_000),
      `${"x".repeat(20_000)}y`,
    ];
    duty("keys", "keeps apart keys of any characters and any length", async () => {
      const store = await makeStore();
      for (const [index, key] of strangeKeys.entries()) await store.set(key, bytesOf(index));
      for (const [index, key] of strangeKeys.entries())
        expect(await store.get(key), JSON.stringify(key.slice(0, 20))).toEqual(bytesOf(index));
      expect(await store.stats()).toMatchObject({ entries: strangeKeys.length });
      for (const key of strangeKeys) expect(await store.delete(key)).toBe(true);
      expect(await store.stats()).toMatchObject({ entries: 0 });
    });

    duty("expiry", "forgets an entry after the time given with it", async () => {
      const store = await makeStore();
      await store.set("long", bytesOf(2), { timeToLiveMs: longLifeMs });
      await store.set("forever", bytesOf(3), { timeToLiveMs: Number.POSITIVE_INFINITY });
      await store.set("short", bytesOf(1), { timeToLiveMs: shortLifeMs });
      expect(await store.get("short")).toEqual(bytesOf(1));
      await delay(shortLifeMs + 20);
      expect(await store.get("short")).toBeUndefined();
      expect(await store.get("long")).toEqual(bytesOf(2));
      expect(await store.get("forever")).toEqual(bytesOf(3));
      expect(await store.stats()).toMatchObject({ entries: 2, evictions: 1 });
    });

    duty("expiry", "forgets an entry after the store's own time, unless it was given another", async () => {
      const store = await makeStore({ ...roomy, timeToLiveMs: shortLifeMs });
      await store.set("own", bytesOf(1));
      await store.set("given", bytesOf(2), { timeToLiveMs: longLifeMs });
      await delay(shortLifeMs + 20);
      expect(await store.get("own")).toBeUndefined();
      expect(await store.get("given")).toEqual(bytesOf(2));
    });

    duty("expiry", "counts from the last set, and is not put off by get", async () => {
      const store = await makeStore();
      await store.set("renewed", bytesOf(1), { timeToLiveMs: shortLifeMs });
      await store.set("renewed", bytesOf(2), { timeToLiveMs: longLifeMs });
      await store.set("read", bytesOf(3), { timeToLiveMs: shortLifeMs });
      await delay(shortLifeMs / 2);
      await store.get("read");
      await delay(shortLifeMs / 2 + 20);
      expect(await store.get("renewed")).toEqual(bytesOf(2));
      expect(await store.get("read")).toBeUndefined();
    });

    duty("expiry", "says that an expired entry was not there to delete", async () => {
      const store = await makeStore();
      await store.set("key", bytesOf(1), { timeToLiveMs: shortLifeMs });
      await delay(shortLifeMs + 20);
      expect(await store.delete("key")).toBe(false);
      expect(await store.get("key")).toBeUndefined();
    });

    duty("expiry", "keeps nothing for no time at all", async () => {
      const store = await makeStore();
      await store.set("key", bytesOf(1));
      await store.set("key", bytesOf(2), { timeToLiveMs: 0 });
      expect(await store.get("key")).toBeUndefined();
    });

    duty("bounds", "never keeps more bytes than its bound", async () => {
      const store = await makeStore({ maxBytes: 100_000 });
      for (let index = 0; index < 40; index += 1) {
        await store.set(`key-${index}`, filled(10_000, index));
        expect((await store.stats()).bytes).toBeLessThanOrEqual(100_000);
      }
      const { entries, evictions } = await store.stats();
      expect(entries).toBeGreaterThanOrEqual(5);
      expect(entries).toBeLessThanOrEqual(10);
      expect(entries + evictions).toBe(40);
    });

    duty(
      "bounds",
      "does not keep a value beyond its bound, nor the one it was to replace, and nothing else leaves for it",
      async () => {
        const store = await makeStore({ maxBytes: 100_000 });
        await store.set("small", bytesOf(1));
        await store.set("replaced", bytesOf(2));
        await store.set("replaced", filled(100_001, 3));
        await store.set("large", filled(2_000_000, 3));
        expect(await store.get("replaced")).toBeUndefined();
        expect(await store.get("large")).toBeUndefined();
        expect(await store.get("small")).toEqual(bytesOf(1));
      },
    );

    duty("bounds", "keeps a value that takes nearly all of its bound", async () => {
      const store = await makeStore({ maxBytes: 100_000 });
      await store.set("first", filled(50_000, 1));
      await store.set("second", filled(98_000, 2));
      expect(await store.get("first")).toBeUndefined();
      expect((await store.get("second"))?.length).toBe(98_000);
    });

    duty(
      "eviction-order",
      "lets the least recently used entries leave first; set and get are uses",
      async () => {
        const store = await makeStore({ maxBytes: 100_000 });
        await store.set("read", filled(10_000, 200));
        await store.set("written", filled(10_000, 201));
        for (let index = 0; index < 30; index += 1) {
          await store.set(`key-${index}`, filled(10_000, index));
          await store.get("read");
          await store.set("written", filled(10_000, 201));
        }
        expect(await store.get("read")).toBeDefined();
        expect(await store.get("written")).toBeDefined();
        const kept: number[] = [];
        for (let index = 0; index < 30; index += 1) if (await store.get(`key-${index}`)) kept.push(index);
        // A store may make more room than it needs at once, but never out of turn: what stays are the newest.
        expect(kept.length).toBeGreaterThanOrEqual(3);
        expect(kept).toEqual(Array.from({ length: kept.length }, (_, place) => 30 - kept.length + place));
      },
    );

    duty("statistics", "counts entries, bytes, hits and misses", async () => {
      const store = await makeStore();
      expect(await store.stats()).toEqual({
        entries: 0,
        bytes: 0,
        hits: 0,
        misses: 0,
        evictions: 0,
        failures: 0,
      });
      await store.set("a", filled(10_000, 1));
      await store.set("b", filled(20_000, 2));
      await store.get("a");
      await store.get("a");
      await store.get("c");
      await store.set("b", filled(5_000, 2));
      const { bytes, ...counts } = await store.stats();
      expect(counts).toEqual({ entries: 2, hits: 2, misses: 1, evictions: 0, failures: 0 });
      expect(bytes).toBeGreaterThanOrEqual(15_000);
      expect(bytes).toBeLessThanOrEqual(15_000 + 2 * mostOverheadPerEntry);
      await store.delete("a");
      await store.delete("b");
      expect(await store.stats()).toMatchObject({ entries: 0, bytes: 0, evictions: 0 });
    });

    duty("overlap", "keeps one whole value when several are set under one key at once", async () => {
      const store = await makeStore();
      const values = Array.from({ length: 12 }, (_, index) => filled(20_000 + index, index));
      await Promise.all(values.map((value) => store.set("key", value)));
      const found = await store.get("key");
      expect(values.some((value) => sameBytes(found, value))).toBe(true);
      const { entries, failures } = await store.stats();
      expect({ entries, failures }).toEqual({ entries: 1, failures: 0 });
    });

    duty("overlap", "keeps many keys that are set, read and deleted at once apart", async () => {
      const store = await makeStore();
      const indices = Array.from({ length: 60 }, (_, index) => index);
      await Promise.all(indices.map((index) => store.set(`key-${index}`, filled(2_000, index))));
      const found = await Promise.all(
        indices.map(async (index) => {
          if (index % 3 === 0) await store.delete(`key-${index}`);
          return store.get(`key-${index}`);
        }),
      );
      for (const index of indices) {
        if (index % 3 === 0) expect(found[index]).toBeUndefined();
        else expect(sameBytes(found[index], filled(2_000, index))).toBe(true);
      }
      expect(await store.stats()).toMatchObject({ entries: 40, failures: 0 });
    });

    duty("input-checks", "refuses an empty key and a time that is none", async () => {
      const store = await makeStore();
      for (const call of [store.get(""), store.set("", bytesOf(1)), store.delete("")])
        await expectRejection(call, "INVALID_INPUT");
      for (const timeToLiveMs of [-1, Number.NaN]) {
        const error = await expectRejection(store.set("key", bytesOf(1), { timeToLiveMs }), "INVALID_INPUT");
        expect(error.message).toContain("timeToLiveMs");
      }
    });

    duty("dispose", "is safe to call twice, and ends the store", async () => {
      const store = await makeStore();
      await store.set("key", bytesOf(1));
      const underWay = store.set("other", filled(50_000, 1)).catch(() => undefined);
      await Promise.all([store.dispose(), store.dispose(), underWay]);
      await store.dispose();
      for (const call of [
        store.get("key"),
        store.set("key", bytesOf(1)),
        store.delete("key"),
        store.clear(),
        store.stats(),
      ]) {
        await expectRejection(call, "DISPOSED");
      }
    });
  });
}

function bytesOf(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

/** Quicker than a matcher that prints differences, for values of many thousand bytes. */
function sameBytes(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left?.length === right.length && left.every((value, index) => value === right[index]);
}
