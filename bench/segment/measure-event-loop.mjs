// @ts-check
import { createSegmenter } from "@maskery/node";
import { TIMER_MS, watchEventLoop } from "../shared/longest-gap.mjs";
import { inMs, median } from "../shared/statistics.mjs";
import { fullHdJpeg } from "./picture.mjs";

/** @param {number} rounds */
export async function measureEventLoop(rounds) {
  const segmenter = await createSegmenter();
  const longestGaps = [];
  for (let round = 0; round < rounds; round++) {
    const image = await fullHdJpeg(1000 + round);
    const watch = watchEventLoop();
    await segmenter.segment(image, [{ x: 960, y: 500 }]);
    longestGaps.push(watch.stop());
  }
  await segmenter.dispose();
  const [first, ...later] = longestGaps;
  console.log(
    `longest gap of a ${TIMER_MS} ms timer: first picture ${inMs(first ?? 0)}, then ${inMs(Math.max(...later))} at most, ${inMs(median(later))} median (goal: under 25 ms)`,
  );
}
