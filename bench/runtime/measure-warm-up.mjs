// @ts-check
import { createSegmenter } from "@maskery/node";
import { fullHdJpeg } from "../segment/picture.mjs";
import { inMs, median } from "../shared/statistics.mjs";

/** @param {number} rounds */
export async function measureWarmUp(rounds) {
  const picture = await fullHdJpeg(1);
  /** @type {Record<"cold" | "warm", { create: number[], first: number[] }>} */
  const found = { cold: { create: [], first: [] }, warm: { create: [], first: [] } };
  for (let round = 0; round < rounds; round++) {
    for (const way of /** @type {const} */ (["cold", "warm"])) {
      const startedAt = performance.now();
      const segmenter = await createSegmenter({ device: "cpu", warmUp: way === "warm" });
      const createdAt = performance.now();
      const { timings } = await segmenter.segment(picture, [{ x: 960, y: 500 }]);
      found[way].create.push(createdAt - startedAt);
      found[way].first.push(timings.encodeMs + timings.promptMs);
      await segmenter.dispose();
    }
  }
  for (const way of /** @type {const} */ (["cold", "warm"])) {
    const { create, first } = found[way];
    console.log(
      `warm-up          ${way}: createSegmenter ${inMs(median(create))}, first picture ${inMs(median(first))}`,
    );
  }
}
