import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MaskeryError } from "@maskery/core";
import {
  createFileObjectStore,
  createFileSessionStore,
  createMemoryObjectStore,
  createMemorySessionStore,
  type ObjectStore,
  type SessionRecord,
  type SessionStore,
} from "@maskery/http-adapter";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "maskery-stores-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const png = { contentType: "image/png" };
const bytes = (length: number, value = 7) => new Uint8Array(length).fill(value);
const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  return MaskeryError.is(error) ? error.code : error;
};
async function read(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  const found = await store.get(key);
  return found && Buffer.from(await new Response(found.stream()).arrayBuffer());
}
async function files(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

const badKeys = [
  "",
  ".",
  "..",
  "../a.png",
  "/etc/passwd",
  "a/../b.png",
  "a//b.png",
  "a\\b.png",
  "a\0.png",
  ".hidden.png",
  "a b.png",
  "é.png",
  "x".repeat(300),
];

for (const [name, make] of [
  ["memory", () => createMemoryObjectStore()],
  ["files", () => createFileObjectStore({ directory })],
] as const)
  describe(`ObjectStore contract: ${name}`, () => {
    it("keeps bytes and streams, and says what it knows of them", async () => {
      const store = make();
      const info = await store.put("a/one.png", bytes(1000), png);
      expect(info).toMatchObject({ key: "a/one.png", bytes: 1000, contentType: "image/png" });
      await store.put("a/two.jpg", chunks(bytes(10), bytes(20, 9)), { contentType: "image/jpeg" });
      expect(await read(store, "a/one.png")).toEqual(Buffer.from(bytes(1000)));
      expect((await read(store, "a/two.jpg"))?.length).toBe(30);
      expect(await store.get("a/three.png")).toBeUndefined();
      expect((await store.list("a/")).map(({ key }) => key).sort()).toEqual(["a/one.png", "a/two.jpg"]);
      expect(await store.list("b/")).toEqual([]);
      await store.dispose();
      await store.dispose();
    });

    it("replaces, and deletes once, also for callers at once", async () => {
      const store = make();
      await store.put("one.png", bytes(1000), png);
      await store.put("one.png", bytes(5, 1), png);
      expect(await read(store, "one.png")).toEqual(Buffer.from(bytes(5, 1)));
      const deleted = await Promise.all([
        store.delete("one.png"),
        store.delete("one.png"),
        store.delete("one.png"),
      ]);
      expect(deleted.filter(Boolean)).toHaveLength(1);
      expect(await store.get("one.png")).toBeUndefined();
    });

    it("keeps nothing of content that breaks off or is aborted, and what was there before stays", async () => {
      const store = make();
      await store.put("one.png", bytes(3), png);
      const broken = async function* () {
        yield bytes(100_000);
        throw new MaskeryError("INVALID_INPUT", "broke off");
      };
      expect(await refusal(store.put("one.png", broken(), png))).toBe("INVALID_INPUT");
      const stop = new AbortController();
      const endless = async function* () {
        for (let count = 0; ; count++) {
          if (count === 5) stop.abort();
          yield bytes(1000);
        }
      };
      expect(await refusal(store.put("two.png", endless(), { ...png, signal: stop.signal }))).toBe("ABORTED");
      expect(await refusal(store.put("two.png", bytes(1), { ...png, signal: stop.signal }))).toBe("ABORTED");
      expect((await store.list("")).map(({ key }) => key)).toEqual(["one.png"]);
      expect(await read(store, "one.png")).toEqual(Buffer.from(bytes(3)));
    });

    it("is not seen half-written", async () => {
      const store = make();
      let go = () => {};
      const gate = new Promise<void>((resolve) => {
        go = resolve;
      });
      const slow = async function* () {
        yield bytes(1000);
        await gate;
        yield bytes(1000);
      };
      const putting = store.put("slow.png", slow(), png);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await store.get("slow.png")).toBeUndefined();
      expect(await store.list("")).toEqual([]);
      go();
      expect((await putting).bytes).toBe(2000);
    });

    it("keeps one whole object when several are put under one key, while others are deleted", async () => {
      const store = make();
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          await store.put(`f/${index}.png`, bytes(500, index), png);
          await store.put("g/same.png", bytes(500, index), png);
          await store.delete(`f/${index}.png`);
        }),
      );
      const same = await read(store, "g/same.png");
      expect(same).toEqual(Buffer.alloc(500, same![0]));
      expect(await store.list("f/")).toEqual([]);
    });

    for (const key of badKeys)
      it(`refuses the key ${JSON.stringify(key.slice(0, 20))}`, async () => {
        const store = make();
        for (const work of [store.put(key, bytes(1), png), store.get(key), store.delete(key)])
          expect(await refusal(work)).toBe("INVALID_INPUT");
      });
  });

describe("file and memory object stores", () => {
  it("refuses what does not fit the memory, and keeps nothing of it", async () => {
    const store = createMemoryObjectStore({ maxBytes: 1000 });
    await store.put("one.png", bytes(600), png);
    expect(await refusal(store.put("two.png", chunks(bytes(300), bytes(300)), png))).toBe("STORAGE_FAILED");
    expect((await store.list("")).map(({ key }) => key)).toEqual(["one.png"]);
    // Replacing needs no room for both.
    await store.put("one.png", bytes(1000), png);
    await store.delete("one.png");
    await store.put("two.png", bytes(1000), png);
  });

  it("leaves no file behind, and clears what a killed process left", async () => {
    const store = createFileObjectStore({ directory });
    const broken = async function* () {
      yield bytes(1000);
      throw new Error("gone");
    };
    await refusal(store.put("a/one.png", broken(), png));
    expect(await files()).toEqual([]);
    const leftover = join(directory, ".unfinished-1-one.png");
    await writeFile(leftover, "half");
    expect(await store.list("")).toEqual([]);
    expect(await files()).toHaveLength(1);
    await utimes(leftover, new Date(0), new Date(0));
    await store.list("");
    expect(await files()).toEqual([]);
  });
});

const record = (id: string, more: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  api: "painter",
  createdAt: new Date(1_000),
  expiresAt: new Date(2_000),
  data: { count: 0 },
  ...more,
});
const countOf = (found: SessionRecord | undefined) => (found?.data as { count: number } | undefined)?.count;

for (const [name, make] of [
  ["memory", (): SessionStore => createMemorySessionStore()],
  ["files", (): SessionStore => createFileSessionStore({ directory })],
] as const)
  describe(`SessionStore contract: ${name}`, () => {
    it("keeps records of each API apart, also past their end", async () => {
      const store = make();
      await store.create(record("one"));
      await store.create(record("one", { api: "demo", data: { other: [1, null, "x"] } }));
      expect(await store.get("painter", "one")).toEqual(record("one"));
      expect((await store.get("demo", "one"))?.data).toEqual({ other: [1, null, "x"] });
      expect(await store.get("demo", "two")).toBeUndefined();
      expect(await refusal(store.create(record("one")))).toBe("CONFLICT");
      expect(await store.get("painter", "one")).toEqual(record("one"));
    });

    it("gives an id to one of several callers", async () => {
      const store = make();
      const codes = await Promise.all(Array.from({ length: 8 }, () => refusal(store.create(record("one")))));
      expect(codes.filter((code) => code === undefined)).toHaveLength(1);
      expect(codes.filter((code) => code === "CONFLICT")).toHaveLength(7);
    });

    it("changes one after the other; a failing change spoils nothing", async () => {
      const store = make();
      await store.create(record("one"));
      const add = (found: SessionRecord) => ({ data: { count: countOf(found)! + 1 } });
      const fail = () => {
        throw new MaskeryError("CONFLICT", "no");
      };
      const codes = await Promise.all([
        ...Array.from({ length: 20 }, () => refusal(store.update("painter", "one", add))),
        refusal(store.update("painter", "one", fail)),
        ...Array.from({ length: 20 }, () => refusal(store.update("painter", "one", add))),
      ]);
      expect(codes.filter(Boolean)).toEqual(["CONFLICT"]);
      expect(countOf(await store.get("painter", "one"))).toBe(40);
      expect(await store.update("painter", "two", add)).toBeUndefined();
    });

    it("hands out copies", async () => {
      const store = make();
      await store.create(record("one"));
      const found = await store.get("painter", "one");
      (found!.data as { count: number }).count = 9;
      expect(countOf(await store.get("painter", "one"))).toBe(0);
    });

    it("lists oldest first, deletes once", async () => {
      const store = make();
      await store.create(record("late", { createdAt: new Date(5_000) }));
      await store.create(record("early"));
      expect((await store.list("painter")).map(({ id }) => id)).toEqual(["early", "late"]);
      expect(await store.list("demo")).toEqual([]);
      const deleted = await Promise.all([store.delete("painter", "late"), store.delete("painter", "late")]);
      expect(deleted.sort()).toEqual([false, true]);
      expect((await store.list("painter")).map(({ id }) => id)).toEqual(["early"]);
      await store.dispose();
      await store.dispose();
    });

    for (const id of ["", "..", "../x", "a/b", "/etc/passwd", "a\0b", "x".repeat(300)])
      it(`refuses the id ${JSON.stringify(id.slice(0, 20))}`, async () => {
        const store = make();
        for (const make_ of [
          () => store.create(record(id)),
          () => store.get("painter", id),
          () => store.delete("painter", id),
        ])
          expect(await refusal((async () => make_())())).toBe("INVALID_INPUT");
      });
  });

describe("file session store", () => {
  it("outlives its process, and takes a half-written record for none", async () => {
    await createFileSessionStore({ directory }).create(record("one"));
    await writeFile(join(directory, "painter", "two.json"), '{"id":"two","ap');
    const store = createFileSessionStore({ directory });
    expect(await store.get("painter", "one")).toEqual(record("one"));
    expect(await store.get("painter", "two")).toBeUndefined();
    expect((await store.list("painter")).map(({ id }) => id)).toEqual(["one"]);
    expect(await files()).toHaveLength(2);
    await utimes(join(directory, "painter", "two.json"), new Date(0), new Date(0));
    await store.list("painter");
    expect(await files()).toEqual(["one.json"]);
  });
});

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
