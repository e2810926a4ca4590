// @ts-check
import { createSegmenter } from "@maskery/node";
import { inMs, median } from "../shared/statistics.mjs";
import { fullHdJpeg } from "./picture.mjs";

const TIMER_MS = 5;

/** @param {number} rounds */
export async function measureEventLoop(rounds) {
  const segmenter = await createSegmenter();
  const longestGaps = [];
  for (let round = 0; round < rounds; round++) {
    const image = await fullHdJpeg(1000 + round);
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    }, TIMER_MS);
    await segmenter.segment(image, [{ x: 960, y: 500 }]);
    longest = Math.max(longest, performance.now() - last);
    clearInterval(timer);
    longestGaps.push(longest);
  }
  await segmenter.dispose();
  const [first, ...later] = longestGaps;
  console.log(
    `longest gap of a ${TIMER_MS} ms timer: first picture ${inMs(first ?? 0)}, then ${inMs(Math.max(...later))} at most, ${inMs(median(later))} median (goal: under 25 ms)`,
  );
}
