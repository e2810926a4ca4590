// @ts-check
import { createSegmenter } from "@maskery/node";
import { median } from "../shared/statistics.mjs";

const COLUMNS = 20;
const ROWS = 10;
const LOOKUPS = 5000;

/** @param {Buffer} image */
export async function measureMaskAt(image) {
  const segmenter = await createSegmenter();
  const session = await segmenter.open(image);
  const { width, height } = session.image;
  const clicks = Array.from({ length: COLUMNS * ROWS }, (_, index) => [
    {
      x: (((index % COLUMNS) + 0.5) * width) / COLUMNS,
      y: ((Math.floor(index / COLUMNS) + 0.5) * height) / ROWS,
    },
  ]);
  for (const { best } of await session.segmentMany(clicks)) session.masks.add(best);
  /** @type {number[]} */
  const times = [];
  let found = 0;
  for (let lookup = 0; lookup < LOOKUPS; lookup++) {
    // Steps that have no factor in common with the sides visit places all over the picture.
    const [x, y] = [(lookup * 619) % width, (lookup * 331) % height];
    const startedAt = performance.now();
    const stored = session.maskAt(x, y);
    times.push(performance.now() - startedAt);
    if (stored) found++;
  }
  times.sort((first, second) => first - second);
  const at = (/** @type {number} */ share) => `${times[Math.floor(share * (LOOKUPS - 1))]?.toFixed(4)} ms`;
  const mean = times.reduce((sum, time) => sum + time, 0) / LOOKUPS;
  const runs = median([...session.masks].map(({ mask }) => mask.runs.length));
  console.log(
    `maskAt among ${session.masks.size} masks of ${runs} runs (median): mean ${mean.toFixed(4)} ms, median ${at(0.5)}, 99% within ${at(0.99)} (goal: under 0.1 ms); a mask at ${((100 * found) / LOOKUPS).toFixed(0)}% of the places`,
  );
  await session.dispose();
  await segmenter.dispose();
}
