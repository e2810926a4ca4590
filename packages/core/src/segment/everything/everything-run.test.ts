import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { runEverything } from "./everything.js";
import type { FoundMask } from "./found-mask.js";
import type { EverythingOptions, EverythingProgress } from "./options.js";
import { syntheticContext } from "./synthetic.test-support.js";

const image = { width: 96, height: 70 };
const base: EverythingOptions = {
  pointsPerSide: 8,
  pointsPerBatch: 8,
  predIouThresh: 0.6,
  stabilityScoreThresh: 0.6,
};

describe("an automatic run", () => {
  it("starts at the first pull and works it out once, whoever asks", async () => {
    const { context, calls } = syntheticContext(image);
    const run = runEverything(context, base);
    await Promise.resolve();
    expect(calls.decodes).toBe(0);
    const [first, second, candidates] = await Promise.all([run.toArray(), run.toArray(), run.candidates()]);
    expect(second).toEqual(first);
    expect(candidates.length).toBeGreaterThanOrEqual(first.length);
    expect(calls.decodes).toBe(8);
    const streamed: FoundMask[] = [];
    for await (const mask of run) streamed.push(mask);
    expect(streamed.length).toBeGreaterThanOrEqual(first.length);
    expect(calls.decodes).toBe(8);
  });

  it("lets several iterators see every mask, and toArray run inside a loop", async () => {
    const { context } = syntheticContext(image);
    const run = runEverything(context, base);
    const seen: number[][] = [[], []];
    await Promise.all(
      seen.map(async (ids) => {
        for await (const mask of run) {
          ids.push(mask.id);
          if (ids.length === 2) await run.toArray();
        }
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
  });

  it("streams the first mask long before the last batch", async () => {
    const { context, calls } = syntheticContext(image);
    for await (const _mask of runEverything(context, base)) break;
    expect(calls.decodes).toBeLessThanOrEqual(4);
  });

  it("stops when the loop is left, and tells so to whoever asks later", async () => {
    const { context, calls } = syntheticContext(image, { decodeMs: 5 });
    const run = runEverything(context, base);
    for await (const _mask of run) break;
    const decodes = calls.decodes;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(calls.decodes).toBe(decodes);
    await expect(run.toArray()).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("goes on for toArray when a loop is left", async () => {
    const { context } = syntheticContext(image, { decodeMs: 2 });
    const run = runEverything(context, base);
    const all = run.toArray();
    for await (const _mask of run) break;
    expect((await all).length).toBeGreaterThan(0);
  });

  it.each(["while decoding", "between two pulls", "before it starts"])(
    "stops within one batch on abort: %s",
    async (when) => {
      const { context, calls } = syntheticContext(image, { decodeMs: 10 });
      const controller = new AbortController();
      const run = runEverything(context, { ...base, signal: controller.signal });
      if (when === "before it starts") controller.abort();
      const read = (async () => {
        for await (const _mask of run) {
          if (when !== "between two pulls") continue;
          expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
          controller.abort();
        }
      })();
      if (when === "while decoding") setTimeout(() => controller.abort(), 25);
      await expect(read).rejects.toMatchObject({ code: "ABORTED" });
      const decodes = calls.decodes;
      expect(decodes).toBeLessThan(8);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(calls.decodes).toBe(decodes);
      await expect(run.candidates()).rejects.toMatchObject({ code: "ABORTED" });
    },
  );

  it("removes its listener when it ends well or badly", async () => {
    const controller = new AbortController();
    const { context } = syntheticContext(image);
    await runEverything(context, { ...base, signal: controller.signal }).toArray();
    const broken = { ...context, embedding: () => Promise.reject(new Error("no embedding")) };
    await expect(runEverything(broken, { ...base, signal: controller.signal }).toArray()).rejects.toThrow(
      "no embedding",
    );
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  it("tells a timeout from an abort", async () => {
    const { context } = syntheticContext(image, { decodeMs: 20 });
    await expect(
      runEverything(context, { ...base, signal: AbortSignal.timeout(30) }).toArray(),
    ).rejects.toMatchObject({ code: "TIMEOUT" });
  });

  it("reports progress up to the end, over all crops", async () => {
    const { context, calls } = syntheticContext(image);
    const reports: EverythingProgress[] = [];
    await runEverything(context, {
      ...base,
      pointsPerSide: 4,
      cropNLayers: 1,
      onProgress: (report) => reports.push(report),
    }).toArray();
    expect(calls.encodes).toBe(4);
    expect(reports.at(-1)).toMatchObject({ fraction: 1, crop: 5, crops: 5, points: 80, pointsDone: 80 });
    expect(reports.map((report) => report.pointsDone)).toEqual(reports.map((_, index) => 8 * (index + 1)));
    expect(reports[0]!.crop).toBe(1);
  });

  it("keeps two batches before the decoder while it filters", async () => {
    const { context } = syntheticContext(image);
    let running = 0;
    let most = 0;
    const decoder = {
      ...context.decoder,
      decode: async (...args: Parameters<typeof context.decoder.decode>) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 3));
        const objects = await context.decoder.decode(...args);
        running--;
        return objects;
      },
    };
    await runEverything({ ...context, decoder }, base).toArray();
    expect(most).toBe(2);
  });

  it("sends points one by one where the decoder takes one object", async () => {
    const { context, calls } = syntheticContext(image, { batchObjects: false });
    await runEverything(context, base).toArray();
    expect(calls.batches).toEqual(Array(64).fill(1));
  });

  it("does not hold the decoder's buffers", async () => {
    const { context } = syntheticContext(image);
    const run = runEverything(context, { ...base, keepPredIou: 0, keepStabilityScore: 0 });
    const [mask] = await run.toArray();
    expect(mask!.mask.logits).toBeUndefined();
    // 192 planes of 32 × 32 floats would be 786 kB.
    expect((await run.candidates()).bytes).toBeLessThan(400_000);
  });

  it("refuses mask-to-mask where the model takes no masks", () => {
    const { context } = syntheticContext(image);
    const decoder = { ...context.decoder, abilities: { ...context.decoder.abilities, maskInput: false } };
    expect(() => runEverything({ ...context, decoder }, { useM2m: true })).toThrowError(
      expect.objectContaining({ code: "UNSUPPORTED_PROMPT", field: "useM2m" }),
    );
  });

  it.each(["binary_mask", "uncompressed_rle", "coco_rle"] as const)(
    "gives the segmentation as %s",
    async (outputMode) => {
      const { context } = syntheticContext(image);
      const [mask] = await runEverything(context, { ...base, outputMode }).toArray();
      const { segmentation } = mask!;
      if (outputMode === "binary_mask") expect(segmentation).toEqual(mask!.mask.toBitmap());
      else
        expect(segmentation).toMatchObject({
          size: [70, 96],
          counts: outputMode === "coco_rle" ? expect.any(String) : expect.any(Array),
        });
    },
  );
});
