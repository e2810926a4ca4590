// A session encodes a picture once; every further click costs milliseconds. A click with label 0 takes something away.
//   npm run build && node examples/session-clicks.mjs
import { createSegmenter } from "@maskery/node";

const segmenter = await createSegmenter();
const session = await segmenter.open(new URL("./photos/astronaut.png", import.meta.url));

const box = { x0: 20, y0: 12, x1: 368, y1: 511 };
report("the person in the box", await session.segment({ box }));

// The suit is not wanted: the same prompt and a click on it with label 0. The session starts from the mask so far.
const suit = { x: 120, y: 400, label: /** @type {const} */ (0) };
report("without the suit", await session.segment({ box, points: [suit] }));

await session.dispose();
await segmenter.dispose();

/** @param {string} what @param {import("@maskery/node").SegmentResult} result */
function report(what, { best, timings }) {
  const cost = `encode ${timings.encodeMs.toFixed(0)} ms, prompt ${timings.promptMs.toFixed(0)} ms`;
  console.log(`${what}: ${best.area} pixels, score ${best.score?.toFixed(2)}, ${cost}`);
}
