import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createSegmenter, Mask, type PromptInput, type Segmenter } from "@maskery/node";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const photo = (name: string) => fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));

/** The cat's face in chelsea.png, and the wall behind it. */
const cat = { x: 225, y: 120 };

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await createSegmenter();
});
afterAll(() => segmenter.dispose());

describe("a segmenter with the built-in model", () => {
  it("finds the cat at a click: three candidates at the picture's size, best first", async () => {
    const result = await segmenter.segment(photo("chelsea.png"), [cat]);
    expect(result.image).toEqual({ width: 451, height: 300 });
    expect(result.model).toBe("nano");
    expect(result.device).toBe("cpu");
    expect(result.masks).toHaveLength(3);
    expect(result.best).toBe(result.masks[0]);
    const scores = result.masks.map((mask) => mask.score!);
    expect([...scores].sort((first, second) => second - first)).toEqual(scores);
    expect(result.best.contains(cat.x, cat.y)).toBe(true);
    expect(result.best.area).toBeGreaterThan(0.1 * 451 * 300);
    expect([result.best.width, result.best.height]).toEqual([451, 300]);
  });

  it("takes path, file URL, data URL, bytes, stream, Blob and pixels alike", async () => {
    const path = photo("coffee.png");
    const bytes = await readFile(path);
    const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    const sources = [
      new URL(`file://${path}`),
      `data:image/png;base64,${bytes.toString("base64")}`,
      bytes,
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      new Blob([new Uint8Array(bytes)]),
      (async function* () {
        yield bytes.subarray(0, 1000);
        yield bytes.subarray(1000);
      })(),
      { data, width: info.width, height: info.height },
    ];
    const prompt = [{ x: 300, y: 200 }];
    const expected = await segmenter.segment(path, prompt);
    for (const source of sources) {
      const { best } = await segmenter.segment(source, prompt);
      expect(best.iou(expected.best)).toBeGreaterThan(0.999);
    }
  });

  it("encodes each of 5 pictures once for 20 calls at a time, with the masks of calls one by one", async () => {
    const alone = await createSegmenter({ embeddingCache: { maxBytes: 0 }, resultCache: { maxBytes: 0 } });
    const together = await createSegmenter();
    const images = ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "coins.png"].map(photo);
    const calls = Array.from({ length: 20 }, (_, index) => ({
      image: images[index % 5]!,
      prompt: [{ x: 60 + 13 * index, y: 280 - 11 * index }],
    }));
    const parallel = await Promise.all(calls.map(({ image, prompt }) => together.segment(image, prompt)));
    expect(await together.cacheStats()).toMatchObject({
      embeddings: { encodes: 5, memory: { misses: 5, hits: 15, entries: 5 } },
    });
    for (const [index, { image, prompt }] of calls.entries()) {
      const { masks } = await alone.segment(image, prompt);
      masks.forEach((mask, candidate) => {
        expect(
          parallel[index]!.masks[candidate]!.iou(mask),
          `call ${index}, mask ${candidate}`,
        ).toBeGreaterThan(0.999);
        expect(parallel[index]!.masks[candidate]!.score).toBeCloseTo(mask.score!, 4);
      });
    }
    await Promise.all([alone.dispose(), together.dispose()]);
  });

  it("gives several objects in one run what it gives them alone, ragged prompts included", async () => {
    const session = await segmenter.open(photo("astronaut.png"));
    const earlier = await session.segment([{ x: 250, y: 100 }]);
    const prompts: PromptInput[] = [
      [{ x: 250, y: 100 }],
      { box: { x0: 10, y0: 10, x1: 450, y1: 500 } },
      [
        { x: 100, y: 400 },
        { x: 300, y: 400 },
        { x: 500, y: 20, label: 0 },
      ],
      { points: [{ x: 250, y: 150 }], mask: earlier.best },
      { points: [{ x: 30, y: 200, label: 1 }], box: { x: 0, y: 100, width: 200, height: 200 } },
    ];
    const together = await session.segmentMany(prompts);
    expect(together).toHaveLength(prompts.length);
    for (const [index, prompt] of prompts.entries()) {
      const alone = await session.segment(prompt);
      alone.masks.forEach((mask, candidate) => {
        expect(together[index]!.masks[candidate]!.iou(mask), `prompt ${index}`).toBeGreaterThan(0.995);
      });
    }
    await session.dispose();
  });

  it("moves the mask away from a negative click", async () => {
    const session = await segmenter.open(photo("chelsea.png"));
    const before = await session.segment([cat]);
    const inside = firstInside(before.best, cat);
    const after = await session.segment({ points: [cat, { ...inside, label: 0 }], mask: before.best });
    expect(before.best.contains(inside.x, inside.y)).toBe(true);
    expect(after.best.contains(inside.x, inside.y)).toBe(false);
    expect(after.best.contains(cat.x, cat.y)).toBe(true);
    await session.dispose();
  });

  it("starts from an earlier mask, also one without logits", async () => {
    const session = await segmenter.open(photo("coffee.png"));
    const clicked = await session.segment([{ x: 300, y: 200 }]);
    const painted = Mask.fromRle(clicked.best.toCocoRle());
    const fromLogits = await session.segment({ points: [{ x: 300, y: 200 }], mask: clicked.best });
    const fromPixels = await session.segment({ points: [{ x: 300, y: 200 }], mask: painted });
    expect(fromLogits.best.iou(clicked.best)).toBeGreaterThan(0.7);
    expect(fromPixels.best.iou(fromLogits.best)).toBeGreaterThan(0.7);
    await session.dispose();
  });

  it("tells a cached picture from a cached answer, and what each step took", async () => {
    const fresh = await createSegmenter();
    const first = await fresh.segment(photo("rocket.jpg"), [{ x: 320, y: 200 }]);
    const second = await fresh.segment(photo("rocket.jpg"), [{ x: 320, y: 200 }]);
    const other = await fresh.segment(photo("rocket.jpg"), [{ x: 100, y: 200 }]);
    expect(first).toMatchObject({ cached: false, imageCached: false });
    expect(first.timings.encodeMs).toBeGreaterThan(0);
    expect(second).toMatchObject({ cached: true, imageCached: true, timings: { decodeMs: 0, encodeMs: 0 } });
    expect(second.best.iou(first.best)).toBe(1);
    expect(other).toMatchObject({ cached: false, imageCached: true, timings: { decodeMs: 0, encodeMs: 0 } });
    await fresh.dispose();
  });

  it("copes with tiny and very long pictures", async () => {
    for (const [width, height] of [
      [1, 1],
      [1, 40],
      [2000, 3],
      [17, 900],
    ] as const) {
      const data = new Uint8Array(width * height * 4).fill(128);
      const { masks } = await segmenter.segment({ width, height, data }, [{ x: width - 1, y: height - 1 }]);
      expect(masks.map((mask) => [mask.width, mask.height])).toEqual([
        [width, height],
        [width, height],
        [width, height],
      ]);
    }
  });

  it("stops on abort and works on for others", async () => {
    const fresh = await createSegmenter();
    const controller = new AbortController();
    const aborted = fresh.segment(photo("astronaut.png"), [{ x: 200, y: 200 }], {
      signal: controller.signal,
    });
    const other = fresh.segment(photo("astronaut.png"), [{ x: 200, y: 200 }]);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    expect((await other).masks).toHaveLength(3);
    await expect(
      fresh.segment(photo("coffee.png"), [{ x: 2, y: 2 }], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({
      code: "ABORTED",
    });
    await fresh.dispose();
  });

  it("refuses work after dispose; dispose twice is harmless", async () => {
    const fresh = await createSegmenter();
    const session = await fresh.open(photo("coffee.png"));
    const pending = session.segment([{ x: 5, y: 5 }]);
    await session.dispose();
    await session.dispose();
    await expect(session.segment([{ x: 5, y: 5 }])).rejects.toMatchObject({ code: "DISPOSED" });
    await pending;
    await fresh.dispose();
    await fresh.dispose();
    await expect(fresh.segment(photo("coffee.png"), [{ x: 5, y: 5 }])).rejects.toMatchObject({
      code: "DISPOSED",
    });
  });
});

/** A pixel of the mask as far from the given one as its row-major order allows. */
function firstInside(mask: Mask, from: { x: number; y: number }): { x: number; y: number } {
  const bitmap = mask.toBitmap();
  let best = { x: from.x, y: from.y };
  let bestDistance = 0;
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      const distance = Math.hypot(x - from.x, y - from.y);
      const deepInside = [-6, 0, 6].every((dx) =>
        [-6, 0, 6].every((dy) => bitmap[(y + dy) * mask.width + x + dx] === 1),
      );
      if (deepInside && distance > bestDistance) {
        best = { x, y };
        bestDistance = distance;
      }
    }
  }
  return best;
}
