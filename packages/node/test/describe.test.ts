import { fileURLToPath } from "node:url";
import {
  type CacheEvent,
  createLocalDescriber,
  createSegmenter,
  type Describer,
  MaskeryError,
  type Segmenter,
} from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const photo = (name: string) => fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

/** The local describer under another name; counts its calls and may wait or fail. */
function watched(work: () => Promise<void> = async () => undefined): Describer & { calls: number } {
  const local = createLocalDescriber();
  const describer = {
    ...local,
    name: "watched",
    id: "watched 1",
    calls: 0,
    describe: async (...call: Parameters<Describer["describe"]>) => {
      describer.calls++;
      await work();
      return { ...(await local.describe(...call)), source: "watched" };
    },
  };
  return describer;
}

describe("session.describe", () => {
  it("tells of the masks that the session keeps, by their names", async () => {
    const session = await segmenter.open(photo("coffee.png"));
    const { best } = await session.segment([{ x: 300, y: 200 }]);
    session.masks.add(best, { name: "cup" });
    const { text, source, cached } = await session.describe();
    expect([source, cached]).toEqual(["local", false]);
    expect(text).toContain("A picture of 600 × 400 pixels, ");
    expect(text).toContain("1 object is marked: cup.");
    expect(text).toMatch(/Cup: .+ of the picture\), /);
    await session.dispose();
  });

  it("tells of other masks on wish: handed over, by id, or with a name", async () => {
    const session = await segmenter.open(photo("coffee.png"));
    const { best } = await session.segment([{ x: 300, y: 200 }]);
    session.masks.add(best, { id: "kept", name: "cup" });
    expect((await session.describe({ masks: [] })).text).toContain("No object is marked.");
    expect((await session.describe({ masks: [best] })).text).toContain("Object: ");
    expect((await session.describe({ masks: ["kept"] })).text).toContain("Cup: ");
    expect((await session.describe({ masks: [{ mask: best, name: "saucer" }] })).text).toContain("Saucer: ");
    await expect(session.describe({ masks: ["lost"] })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await session.dispose();
    await expect(session.describe()).rejects.toMatchObject({ code: "DISPOSED" });
  });

  it("asks once for the same picture, masks and describer, in later sessions too", async () => {
    const fresh = await createSegmenter();
    const events: CacheEvent[] = [];
    fresh.onCacheEvent((event) => event.cache === "description" && events.push(event));
    const describer = watched();
    const first = await fresh.open(photo("coins.png"));
    const { best } = await first.segment([{ x: 60, y: 60 }]);
    const together = await Promise.all([1, 2, 3].map(() => first.describe({ masks: [best], describer })));
    expect(together.map(({ cached }) => cached)).toEqual([false, true, true]);
    const later = await fresh.open(photo("coins.png"));
    expect(await later.describe({ masks: [best], describer })).toEqual({ ...together[0], cached: true });
    expect(describer.calls).toBe(1);

    // Anything else is another question.
    await later.describe({ masks: [best.invert()], describer });
    await later.describe({ masks: [{ mask: best, name: "coin" }], describer });
    await later.describe({ describer });
    const elsewhere = await fresh.open({ ...best, data: new Uint8Array(best.width * best.height * 4) });
    await elsewhere.describe({ masks: [best], describer });
    expect(describer.calls).toBe(5);
    expect((await later.describe({ masks: [best] })).source).toBe("local");
    expect((await fresh.cacheStats()).descriptions).toMatchObject({ entries: 6, hits: 1, evictions: 0 });
    expect(events.filter(({ type }) => type === "hit")).toHaveLength(1);
    await fresh.clearCache();
    expect((await fresh.cacheStats()).descriptions).toMatchObject({ entries: 0, bytes: 0 });
    await fresh.dispose();
  });

  it("forgets a failure, and goes on for others when one caller leaves", async () => {
    const session = await segmenter.open(photo("rocket.jpg"));
    let fail = true;
    const failing = watched(async () => {
      if (fail) throw new MaskeryError("UPSTREAM_FAILED", "nobody answers");
    });
    await expect(session.describe({ describer: failing })).rejects.toMatchObject({ code: "UPSTREAM_FAILED" });
    fail = false;
    expect((await session.describe({ describer: failing })).cached).toBe(false);

    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = { ...watched(() => gate), id: "slow" };
    const controller = new AbortController();
    const leaving = session.describe({ describer: slow, signal: controller.signal });
    const staying = session.describe({ describer: slow });
    controller.abort();
    await expect(leaving).rejects.toMatchObject({ code: "ABORTED" });
    release();
    expect((await staying).text).toContain("A picture of ");
    await session.dispose();
  });

  it("uses the segmenter's describer unless the call names another", async () => {
    const own = await createSegmenter({ describer: watched() });
    const session = await own.open(photo("rocket.jpg"));
    expect((await session.describe()).source).toBe("watched");
    expect((await session.describe({ describer: createLocalDescriber() })).source).toBe("local");
    await own.dispose();
  });
});
