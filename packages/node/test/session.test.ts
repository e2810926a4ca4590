import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type CacheEvent, createMemoryCacheStore, createSegmenter, type Segmenter } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const photo = (name: string) => fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

describe("a session", () => {
  it("undoes, branches and redoes without running the model", async () => {
    const session = await segmenter.open(photo("chelsea.png"));
    const first = await session.segment([{ x: 225, y: 120 }]);
    await session.segment([
      { x: 225, y: 120 },
      { x: 20, y: 20, label: 0 },
    ]);
    expect(session.history.undo()?.best).toBe(first.best);
    const branch = await session.segment([
      { x: 225, y: 120 },
      { x: 300, y: 200 },
    ]);
    session.history.undo();
    expect(session.history.branches).toHaveLength(2);
    expect(session.history.redo()?.best).toBe(branch.best);
    await session.dispose();
  });

  it("starts a longer prompt from the earlier mask, unless told not to", async () => {
    const session = await segmenter.open(photo("astronaut.png"));
    const click = { x: 220, y: 100 };
    const earlier = await session.segment([click]);
    const longer = [click, { x: 250, y: 300 }];
    const refined = await session.segment(longer);
    const byHand = await session.segment({ points: longer, mask: earlier.best });
    const afresh = await session.segment(longer, { refine: false });
    expect(refined.best.iou(byHand.best)).toBe(1);
    expect(refined.best.score).toBe(byHand.best.score);
    expect(afresh.best.score).not.toBe(refined.best.score);
    await session.dispose();
  });

  it("answers only the newest hover", async () => {
    const session = await segmenter.open(photo("coffee.png"));
    const ask = session.hover();
    const answers = await Promise.all([10, 60, 110, 160, 210, 260].map((x) => ask([{ x, y: 200 }])));
    expect(answers.slice(0, -1)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(answers.at(-1)?.best.contains(260, 200)).toBe(true);
    expect(session.history.steps).toHaveLength(0);
    await session.dispose();
  });

  it("comes back from JSON for the same picture, in another segmenter too", async () => {
    const session = await segmenter.open(photo("rocket.jpg"));
    const { best } = await session.segment([{ x: 320, y: 200 }]);
    session.masks.add(best, { name: "rocket" });
    const text = JSON.stringify(session);
    const other = await createSegmenter();
    const restored = await other.restore(await readFile(photo("rocket.jpg")), JSON.parse(text));
    expect(restored.masks.get("m1")).toMatchObject({ name: "rocket" });
    expect(restored.masks.get("m1").mask.iou(best)).toBe(1);
    expect(restored.masks.get("m1").mask.score).toBe(best.score);
    expect(restored.history.current?.points).toEqual([{ x: 320, y: 200, label: 1 }]);
    expect(JSON.stringify(restored)).toBe(text);
    await expect(other.restore(photo("coffee.png"), JSON.parse(text))).rejects.toMatchObject({
      code: "CONFLICT",
      field: "image",
    });
    await expect(
      other.restore(photo("rocket.jpg"), { ...JSON.parse(text), version: 2 }),
    ).rejects.toMatchObject({
      code: "INVALID_INPUT",
      field: "document.version",
    });
    await Promise.all([session.dispose(), other.dispose()]);
  });

  it("keeps what it holds when a document is broken", async () => {
    const session = await segmenter.open(photo("rocket.jpg"));
    const { best } = await session.segment([{ x: 320, y: 200 }]);
    session.masks.add(best, { id: "kept" });
    const document = JSON.parse(JSON.stringify(session));
    document.masks[0].mask.counts = "!";
    expect(() => session.fromJSON(document)).toThrow(expect.objectContaining({ code: "INVALID_INPUT" }));
    expect(session.masks.get("kept").mask).toBe(best);
    await session.dispose();
  });
});

describe("the caches of a segmenter", () => {
  it("miss for a changed pixel, other options and another tenant; hit for the same content from anywhere", async () => {
    const store = createMemoryCacheStore({ maxBytes: 100_000_000 });
    const shared = { embeddingCache: { stores: [store] } };
    const [first, tenant] = [
      await createSegmenter(shared),
      await createSegmenter({ ...shared, namespace: "other" }),
    ];
    const bytes = await readFile(photo("coins.png"));
    const prompt = [{ x: 60, y: 60 }];
    const encodes = async (of: Segmenter) => (await of.cacheStats()).embeddings.encodes;
    await first.segment(photo("coins.png"), prompt);
    for (const source of [bytes, new Blob([new Uint8Array(bytes)]), await readFile(photo("coins.png"))]) {
      expect(await first.segment(source, prompt)).toMatchObject({ cached: true });
    }
    expect(await encodes(first)).toBe(1);
    expect(await first.segment(bytes, [{ x: 61, y: 60 }])).toMatchObject({
      cached: false,
      imageCached: true,
    });

    const pixels = { width: 40, height: 30, data: new Uint8Array(4800).fill(90) };
    const changed = { ...pixels, data: pixels.data.with(17, 91) };
    await first.segment(pixels, [{ x: 5, y: 5 }]);
    expect(await first.segment(changed, [{ x: 5, y: 5 }])).toMatchObject({
      cached: false,
      imageCached: false,
    });
    expect(await encodes(first)).toBe(3);

    await tenant.segment(bytes, prompt);
    expect(await encodes(tenant)).toBe(1);
    await Promise.all([first.dispose(), tenant.dispose()]);

    const later = await createSegmenter(shared);
    expect(await later.segment(bytes, prompt)).toMatchObject({ cached: false, imageCached: true });
    expect(await encodes(later)).toBe(0);
    await later.dispose();
  });

  it("prewarm, tell what happens, and clear", async () => {
    const fresh = await createSegmenter();
    const events: CacheEvent[] = [];
    const stop = fresh.onCacheEvent((event) => events.push(event));
    const done: number[] = [];
    await fresh.prewarm([photo("coins.png"), photo("rocket.jpg"), photo("coins.png")], {
      onProgress: (count) => done.push(count),
    });
    expect(done).toEqual([1, 2, 3]);
    expect((await fresh.cacheStats()).embeddings).toMatchObject({ encodes: 2, memory: { entries: 2 } });
    expect(events.filter(({ type }) => type === "computed")).toHaveLength(2);
    stop();
    const before = events.length;
    await fresh.clearCache();
    await fresh.segment(photo("coins.png"), [{ x: 60, y: 60 }]);
    expect((await fresh.cacheStats()).embeddings.encodes).toBe(3);
    expect(events).toHaveLength(before);
    await expect(fresh.prewarm(["missing.png"])).rejects.toMatchObject({ code: "NOT_FOUND" });
    await fresh.dispose();
  });
});
