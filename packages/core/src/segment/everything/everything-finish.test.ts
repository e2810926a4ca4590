import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { Decoder } from "../placement.js";
import { runEverything } from "./everything.js";
import type { FoundMask } from "./found-mask.js";
import type { EverythingOptions } from "./options.js";
import { syntheticContext } from "./synthetic.test-support.js";

const image = { width: 96, height: 70 };
const base: EverythingOptions = {
  pointsPerSide: 8,
  pointsPerBatch: 8,
  predIouThresh: 0.6,
  stabilityScoreThresh: 0.6,
};

describe("an automatic run with a finish signal", () => {
  it("ends with what it has found when its finish signal fires, however long the batch under way takes", async () => {
    const { context, calls } = syntheticContext(image);
    const finish = new AbortController();
    const stopped: boolean[] = [];
    // The first three batches are answered; the next ones never are.
    const decoder: Decoder = {
      ...context.decoder,
      decode: (embedding, prompts, options) =>
        calls.decodes < 3
          ? context.decoder.decode(embedding, prompts, options)
          : new Promise((_resolve, reject) => {
              options?.signal?.addEventListener("abort", () => {
                stopped.push(true);
                reject(options.signal!.reason as Error);
              });
            }),
    };
    let pointsDone = 0;
    const run = runEverything(
      { ...context, decoder },
      {
        ...base,
        finishSignal: finish.signal,
        onProgress: (progress) => {
          pointsDone = progress.pointsDone;
          if (pointsDone === 24) finish.abort();
        },
      },
    );
    const streamed: FoundMask[] = [];
    for await (const mask of run) streamed.push(mask);
    const masks = await run.toArray();
    expect([run.isComplete, pointsDone, stopped.length]).toEqual([false, 24, 2]);
    expect(masks.length).toBeGreaterThan(0);
    const replaced = new Set(streamed.flatMap(({ replaces }) => replaces));
    const shown = streamed.filter(({ id }) => !replaced.has(id));
    expect(new Set(shown.map(({ id }) => id))).toEqual(new Set(masks.map(({ id }) => id)));
    expect((await run.candidates()).length).toBeGreaterThanOrEqual(masks.length);
    expect(getEventListeners(finish.signal, "abort")).toHaveLength(0);
  });

  it("waits for its first batch though the finish signal has fired long ago", async () => {
    const { context, calls } = syntheticContext(image);
    const run = runEverything(context, { ...base, finishSignal: AbortSignal.abort() });
    expect((await run.toArray()).length).toBeGreaterThan(0);
    expect(run.isComplete).toBe(false);
    // One more had been begun while the first was judged.
    expect(calls.decodes).toBeLessThanOrEqual(3);
  });

  it("is complete without a finish signal, and where the signal fires after the end", async () => {
    const { context } = syntheticContext(image);
    const finish = new AbortController();
    const plain = runEverything(context, base);
    expect(plain.isComplete).toBe(false);
    const run = runEverything(context, { ...base, finishSignal: finish.signal });
    const ids = async (which: typeof run) => (await which.toArray()).map(({ id }) => id);
    expect(await ids(run)).toEqual(await ids(plain));
    finish.abort();
    expect([run.isComplete, plain.isComplete]).toEqual([true, true]);
  });

  it("an abort stops it even after its finish signal", async () => {
    const { context } = syntheticContext(image);
    const controller = new AbortController();
    const run = runEverything(context, {
      ...base,
      signal: controller.signal,
      finishSignal: AbortSignal.abort(),
      onProgress: () => controller.abort(),
    });
    await expect(run.toArray()).rejects.toMatchObject({ code: "ABORTED" });
  });
});
