import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CacheStore } from "@maskery/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileCacheStore, type FileCacheStoreOptions } from "./file-cache-store.js";

let folder: string;
let directory: string;
const value = new Uint8Array(5000).fill(7);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-cache-"));
  directory = join(folder, "cache");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (options: Partial<FileCacheStoreOptions> = {}): CacheStore =>
  createFileCacheStore({ directory, maxBytes: 1_000_000, ...options });

const entryNames = async () => (await readdir(directory)).filter((name) => name.endsWith(".cache"));

/** The one entry file in the folder. */
async function entryPath(): Promise<string> {
  const [name, ...others] = await entryNames();
  expect(others).toEqual([]);
  return join(directory, name ?? "none");
}

async function overwrite(path: string, offset: number, bytes: readonly number[]): Promise<void> {
  const content = await readFile(path);
  content.set(bytes, offset);
  await writeFile(path, content);
}

describe("a damaged entry is a miss, counts as a failure, and is replaced by the next set", () => {
  const damages: readonly (readonly [what: string, damage: (path: string) => Promise<void>])[] = [
    ["emptied", (path) => truncate(path, 0)],
    ["cut inside its header", (path) => truncate(path, 40)],
    ["cut behind its header", (path) => truncate(path, 64)],
    ["cut by one byte", (path) => truncate(path, 64 + 4999)],
    ["longer by one byte", (path) => writeFile(path, "x", { flag: "a" })],
    ["changed in its first value byte", (path) => overwrite(path, 64, [8])],
    ["changed in its last value byte", (path) => overwrite(path, 64 + 4999, [8])],
    [
      "zeroed from the middle on, as after a power cut",
      (path) => overwrite(path, 2000, new Array(3064).fill(0)),
    ],
    ["changed in its signature", (path) => overwrite(path, 0, [0])],
    ["of another format version", (path) => overwrite(path, 4, [2])],
    ["given a later expiry", (path) => overwrite(path, 8, [0, 0, 0, 0, 0, 0, 0xf0, 0x7e])],
    ["given another length", (path) => overwrite(path, 16, [1])],
    ["changed in its checksum", (path) => overwrite(path, 24, [1, 2, 3, 4])],
    ["of another key", (path) => overwrite(path, 32, [1, 2, 3, 4])],
    [
      "replaced by a folder",
      async (path) => {
        await rm(path);
        await mkdir(path);
      },
    ],
  ];
  test.each(damages)("%s", async (_what, damage) => {
    const store = open();
    await store.set("key", value);
    const path = await entryPath();
    await damage(path);
    expect(await store.get("key")).toBeUndefined();
    expect(await store.stats()).toMatchObject({ hits: 0, misses: 1, failures: 1 });
    await rm(path, { recursive: true, force: true });
    await store.set("key", value);
    expect(await store.get("key")).toEqual(value);
  });

  test("each single bit of the header and of a small value", async () => {
    const store = open();
    await store.set("key", Uint8Array.of(1, 2, 3));
    const path = await entryPath();
    const whole = await readFile(path);
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const changed = Buffer.from(whole);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(path, changed);
      expect(await store.get("key"), `bit ${bit}`).toBeUndefined();
    }
  });

  test("renamed to the place of another key", async () => {
    const store = open();
    await store.set("one", value);
    const one = await entryPath();
    await store.set("two", new Uint8Array(3));
    const two = join(directory, (await entryNames()).find((name) => !one.endsWith(name)) ?? "");
    await rename(one, two);
    expect(await store.get("two")).toBeUndefined();
    expect(await store.get("one")).toBeUndefined();
  });
});

describe("calls succeed without a working folder, and say so in the statistics", () => {
  const brokenFolders: readonly (readonly [what: string, make: () => Promise<string>])[] = [
    [
      "a file where the folder should be",
      async () => {
        await writeFile(join(folder, "file"), "");
        return join(folder, "file");
      },
    ],
    [
      "a file where the folder's parent should be",
      async () => {
        await writeFile(join(folder, "file"), "");
        return join(folder, "file", "cache");
      },
    ],
    // Nobody can make files there, not even root.
    ...(process.platform === "linux"
      ? [
          ["a read-only folder", async () => "/sys/kernel"] as const,
          ["a read-only parent", async () => "/sys/kernel/maskery"] as const,
        ]
      : []),
    ["a name that is too long", async () => join(folder, "x".repeat(300))],
    ["a name that no file system allows", async () => `${folder}/zero\0byte`],
  ];
  test.each(brokenFolders)("%s", async (_what, make) => {
    const store = open({ directory: await make() });
    await store.set("key", value);
    expect((await store.stats()).failures).toBeGreaterThanOrEqual(1);
    expect(await store.get("key")).toBeUndefined();
    expect(await store.delete("key")).toBe(false);
    await store.clear();
    const { failures, ...counts } = await store.stats();
    expect(counts).toEqual({ entries: 0, bytes: 0, hits: 0, misses: 1, evictions: 0 });
    expect(failures).toBeGreaterThanOrEqual(1);
    await store.dispose();
  });

  test("a folder that comes and goes", async () => {
    const store = open();
    expect(await store.get("key")).toBeUndefined();
    await store.set("key", value);
    await rm(directory, { recursive: true });
    expect(await store.get("key")).toBeUndefined();
    await store.set("key", value);
    expect(await store.get("key")).toEqual(value);
    expect(await store.stats()).toMatchObject({ entries: 1, failures: 0 });
  });
});

describe("a folder shared with others", () => {
  test("two stores see each other's entries", async () => {
    const [one, two] = [open(), open()];
    await one.set("key", value);
    expect(await two.get("key")).toEqual(value);
    expect(await two.delete("key")).toBe(true);
    expect(await one.get("key")).toBeUndefined();
  });

  test("files that are not ours stay, whatever is cleared or evicted", async () => {
    await mkdir(directory);
    const strangers = ["notes.txt", "short.cache", ".hidden", "important.tmp", `${"A".repeat(64)}.cache`];
    for (const name of strangers) await writeFile(join(directory, name), "not ours");
    await Promise.all(strangers.map((name) => utimes(join(directory, name), 1000, 1000)));
    const store = open({ maxBytes: 12_000, maxAgeMs: 60_000 });
    for (let index = 0; index < 10; index += 1) await store.set(`key-${index}`, value);
    await store.clear();
    expect((await readdir(directory)).sort()).toEqual([...strangers].sort());
  });

  test("temporary files that a dead process left are removed after a while, fresh ones are not", async () => {
    await mkdir(directory);
    const [old, fresh] = [".0123.cache.1-a.tmp", ".4567.cache.1-b.tmp"];
    for (const name of [old, fresh]) await writeFile(join(directory, name), "half an entry");
    const anHourAgo = Date.now() / 1000 - 3600;
    await utimes(join(directory, old), anHourAgo, anHourAgo);
    await open().set("key", value);
    const names = await readdir(directory);
    expect(names).toContain(fresh);
    expect(names).not.toContain(old);
  });
});

describe("bounds in time", () => {
  test("entries unused for longer than maxAgeMs leave; a use keeps them", async () => {
    const store = open({ maxAgeMs: 60_000 });
    await store.set("unused", value);
    const path = await entryPath();
    await store.set("used", value);
    const twoMinutesAgo = Date.now() / 1000 - 120;
    await utimes(path, twoMinutesAgo, twoMinutesAgo);
    expect(await store.get("unused")).toBeUndefined();
    expect(await store.get("used")).toEqual(value);
    expect(await store.stats()).toMatchObject({ entries: 1, evictions: 1, failures: 0 });
  });

  test("the first write of a process sweeps what has grown too old", async () => {
    await open().set("old", value);
    const path = await entryPath();
    const twoMinutesAgo = Date.now() / 1000 - 120;
    await utimes(path, twoMinutesAgo, twoMinutesAgo);
    const store = open({ maxAgeMs: 60_000 });
    await store.set("new", value);
    await expect(stat(path)).rejects.toThrow("ENOENT");
    expect(await store.stats()).toMatchObject({ entries: 1, evictions: 1 });
  });

  test("a hit notes the time of use in the file, for every process to see", async () => {
    const store = open();
    await store.set("key", value);
    const path = await entryPath();
    await utimes(path, 1000, 1000);
    await store.get("key");
    expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 10_000);
  });
});

test("a write that began before clear does not appear after it", async () => {
  const store = open({ maxBytes: 100_000_000 });
  await store.set("first", value);
  const writing = store.set("key", new Uint8Array(20_000_000));
  await store.clear();
  await writing;
  expect(await store.get("key")).toBeUndefined();
  expect(await readdir(directory)).toEqual([]);
});

test("dispose waits for writes under way and leaves no temporary file", async () => {
  const store = open({ maxBytes: 100_000_000 });
  const writing = store.set("key", new Uint8Array(20_000_000));
  await store.dispose();
  expect((await readdir(directory)).every((name) => name.endsWith(".cache"))).toBe(true);
  await writing;
});
