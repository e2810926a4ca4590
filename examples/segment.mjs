// One click on a picture, one mask.
//   npm run build && node examples/segment.mjs
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createSegmenter } from "@maskery/node";

const file = (/** @type {string} */ name) => fileURLToPath(new URL(name, import.meta.url));
mkdirSync(file("out"), { recursive: true });

const segmenter = await createSegmenter();
const { best } = await segmenter.segment(file("photos/chelsea.png"), [{ x: 200, y: 180 }]);
console.log(`score ${best.score?.toFixed(2)}, ${best.area} pixels, box`, best.bbox);
await best.toFile(file("out/cat.png"));
await segmenter.dispose();
