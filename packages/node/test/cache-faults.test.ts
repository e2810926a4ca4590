import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CacheEvent,
  type CacheStore,
  createFileCacheStore,
  createSegmenter,
  type Mask,
  type RgbaImage,
  type Segmenter,
} from "@maskery/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { requirement } from "../../../tests/support/requirement.js";
import { type BundledSources, bundleSources, startScript } from "../src/test-support/child-process.js";

// Each test loads the model several times, some in processes of their own.
vi.setConfig({ testTimeout: 120_000 });

const PICTURES = 6;
const CLICK = [{ x: 32, y: 24 }];
/** An embedding of the built-in model takes 2.6 MB: six of them do not fit on the small disk below. */
const MAX_BYTES = 500_000_000;

/** Source text, because a child process draws the very same pictures. */
const drawing = `(number) => {
  const data = new Uint8Array(64 * 48 * 4);
  for (let pixel = 0; pixel < 64 * 48; pixel++) {
    const [x, y] = [pixel % 64, Math.floor(pixel / 64)];
    const inside = Math.hypot(x - 32, y - 24) < 10 + number;
    data.set(inside ? [230, 40 * number, 30, 255] : [20, 60, 30 * number, 255], pixel * 4);
  }
  return { width: 64, height: 48, data };
}`;
const picture = new Function(`return ${drawing}`)() as (number: number) => RgbaImage;

let folder: string;
/** What the model says without any cache. */
let truth: Mask[];

beforeAll(async () => {
  const plain = await createSegmenter({ embeddingCache: { maxBytes: 0 }, resultCache: { maxBytes: 0 } });
  truth = [];
  for (let number = 0; number < PICTURES; number++)
    truth.push((await plain.segment(picture(number), CLICK)).best);
  await plain.dispose();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-faults-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openStore = (directory: string): CacheStore => createFileCacheStore({ directory, maxBytes: MAX_BYTES });

/** A segmenter that has only this folder to remember embeddings in; what it reports goes to `events`. */
async function segmenterOver(directory: string): Promise<{ segmenter: Segmenter; events: CacheEvent[] }> {
  const segmenter = await createSegmenter({
    embeddingCache: { maxBytes: 0, stores: [openStore(directory)] },
    resultCache: { maxBytes: 0 },
  });
  const events: CacheEvent[] = [];
  segmenter.onCacheEvent((event) => events.push(event));
  return { segmenter, events };
}

async function expectRightMasks(segmenter: Segmenter): Promise<void> {
  for (let number = 0; number < PICTURES; number++) {
    const { best } = await segmenter.segment(picture(number), CLICK);
    expect(best.iou(truth[number]!), `picture ${number}`).toBeGreaterThan(0.999);
  }
}

const storeStats = async (segmenter: Segmenter) => (await segmenter.cacheStats()).embeddings.stores[0]!;

describe("a process killed while it fills the disk tier", () => {
  let sources: BundledSources;
  beforeAll(async () => {
    sources = await bundleSources(`
      export { createSegmenter } from "./create-segmenter.js";
      export { createFileCacheStore } from "./stores/file-cache-store.js";
    `);
  });
  afterAll(() => sources.dispose());

  it("leaves nothing that the next one would take for an embedding", async () => {
    const directory = join(folder, "cache");
    let hits = 0;
    for (let round = 0; round < 4; round++) {
      const writer = startScript(`
        import { createFileCacheStore, createSegmenter } from ${JSON.stringify(sources.href)};
        const draw = ${drawing};
        const store = createFileCacheStore({ directory: ${JSON.stringify(directory)}, maxBytes: ${MAX_BYTES} });
        const segmenter = await createSegmenter({ embeddingCache: { maxBytes: 0, stores: [store] } });
        const pictures = Array.from({ length: ${PICTURES} }, (_, number) => draw(number));
        // Between two lives of the cache every entry is written anew, so that a kill can hit a write at any time.
        for (let life = 0; ; life++) {
          await segmenter.prewarm(pictures, { concurrency: 4 });
          if (life === 0) {
            console.log("filled");
            await new Promise((resolve) => setTimeout(resolve, 200));
          }
          await store.clear();
        }
      `);
      await new Promise<void>((resolve, reject) => {
        writer.process.stdout?.once("data", () => resolve());
        void writer.finished.then(({ standardError }) => reject(new Error(standardError)), reject);
      });
      // The first kill finds the folder full, the others find it somewhere between empty and full.
      await new Promise((resolve) => setTimeout(resolve, round === 0 ? 0 : 200 + round * 60));
      writer.process.kill("SIGKILL");
      expect((await writer.finished).signal).toBe("SIGKILL");

      const { segmenter, events } = await segmenterOver(directory);
      await expectRightMasks(segmenter);
      expect(events.filter(({ type }) => type === "unusable")).toEqual([]);
      const stats = await storeStats(segmenter);
      expect(stats.failures).toBe(0);
      hits += stats.hits;
      await segmenter.dispose();

      // What this reader wrote is whole as well: now every picture is known.
      const again = await segmenterOver(directory);
      await expectRightMasks(again.segmenter);
      expect((await again.segmenter.cacheStats()).embeddings.encodes).toBe(0);
      await again.segmenter.dispose();
    }
    expect(hits).toBeGreaterThan(0);
  });
});

describe("an entry that was damaged", () => {
  const damages: readonly (readonly [what: string, damage: (bytes: Buffer) => Uint8Array])[] = [
    [
      "by one bit in the middle",
      (bytes) => bytes.fill(bytes[bytes.length >> 1]! ^ 1, bytes.length >> 1, (bytes.length >> 1) + 1),
    ],
    ["by being cut", (bytes) => bytes.subarray(0, bytes.length - 1000)],
    ["by being emptied", () => new Uint8Array(0)],
    ["by zeros from the middle on", (bytes) => bytes.fill(0, bytes.length >> 1)],
  ];

  it.each(damages)("%s is computed anew, counted and replaced", async (_what, damage) => {
    const directory = join(folder, "cache");
    const filler = await segmenterOver(directory);
    await filler.segmenter.prewarm([picture(3)]);
    await filler.segmenter.dispose();
    const [name] = (await readdir(directory)).filter((each) => each.endsWith(".cache"));
    const path = join(directory, name!);
    await writeFile(path, damage(await readFile(path)));

    const { segmenter } = await segmenterOver(directory);
    const result = await segmenter.segment(picture(3), CLICK);
    expect(result.imageCached).toBe(false);
    expect(result.best.iou(truth[3]!)).toBeGreaterThan(0.999);
    expect(await storeStats(segmenter)).toMatchObject({ hits: 0, misses: 1, failures: 1 });
    await segmenter.dispose();

    const next = await segmenterOver(directory);
    expect(await next.segmenter.segment(picture(3), CLICK)).toMatchObject({ imageCached: true });
    await next.segmenter.dispose();
  });
});

describe("a store that throws, against its contract", () => {
  it("is passed over, and its failures are counted", async () => {
    const broken: CacheStore = { ...openStore(join(folder, "cache")), name: "broken" };
    const fail = async () => {
      throw new Error("no connection");
    };
    const healthy = openStore(join(folder, "healthy"));
    const segmenter = await createSegmenter({
      embeddingCache: {
        maxBytes: 0,
        stores: [{ ...broken, get: fail, set: fail, delete: fail, stats: fail }, healthy],
      },
    });
    const events: CacheEvent[] = [];
    segmenter.onCacheEvent((event) => events.push(event));
    await segmenter.prewarm([picture(1)]);
    expect((await segmenter.segment(picture(1), CLICK)).imageCached).toBe(true);
    const { stores } = (await segmenter.cacheStats()).embeddings;
    expect(stores[0]).toMatchObject({ name: "broken", entries: 0, hits: 0 });
    // Asked twice, written once, and once more when the other store had what it lacked.
    expect(stores[0]!.failures).toBeGreaterThanOrEqual(3);
    expect(stores[1]).toMatchObject({ hits: 1, failures: 0, entries: 1 });
    expect(events.some((event) => event.type === "unusable" && event.tier === "broken")).toBe(true);
    await segmenter.dispose();
  });
});

/** Why no small disk can be mounted here; null when one can. */
function whyNoMount(): string | null {
  if (process.platform !== "linux") return "this is not Linux";
  if (process.getuid?.() !== 0) return "only root may mount";
  try {
    const probe = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe], { stdio: "pipe" });
    execFileSync("umount", [probe]);
    execFileSync("rmdir", [probe]);
    return null;
  } catch (error) {
    return `mount failed: ${(error as Error).message.split("\n")[1] ?? "unknown"}`;
  }
}

requirement("a small disk of its own", whyNoMount())("a disk of six megabytes", () => {
  let disk: string;
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), "maskery-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]);
  });
  afterEach(async () => {
    execFileSync("umount", ["--lazy", disk]);
    await rm(disk, { recursive: true, force: true });
  });

  it("takes what fits; calls beyond that succeed, and the statistics say so", async () => {
    const { segmenter } = await segmenterOver(join(disk, "cache"));
    await expectRightMasks(segmenter);
    await segmenter.prewarm([]);
    const full = await storeStats(segmenter);
    expect(full.failures).toBeGreaterThan(0);
    expect(full.entries).toBeGreaterThan(0);
    expect(full.entries).toBeLessThan(PICTURES);
    expect((await readdir(join(disk, "cache"))).filter((name) => !name.endsWith(".cache"))).toEqual([]);
    await segmenter.dispose();

    const next = await segmenterOver(join(disk, "cache"));
    await expectRightMasks(next.segmenter);
    expect((await storeStats(next.segmenter)).hits).toBeGreaterThan(0);
    await next.segmenter.dispose();
  });

  it("still gives what it holds when it became read-only, and takes nothing more", async () => {
    const directory = join(disk, "cache");
    const filler = await segmenterOver(directory);
    await filler.segmenter.prewarm([picture(0)]);
    await filler.segmenter.dispose();
    execFileSync("mount", ["-o", "remount,ro", disk]);
    const { segmenter } = await segmenterOver(directory);
    expect(await segmenter.segment(picture(0), CLICK)).toMatchObject({ imageCached: true });
    const fresh = await segmenter.segment(picture(1), CLICK);
    expect(fresh.imageCached).toBe(false);
    expect(fresh.best.iou(truth[1]!)).toBeGreaterThan(0.999);
    await segmenter.prewarm([]);
    expect(await storeStats(segmenter)).toMatchObject({ entries: 1, hits: 1, failures: 1 });
    await segmenter.dispose();
  });
});
