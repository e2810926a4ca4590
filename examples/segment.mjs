// One click on a picture, one mask.
//   npm run build && node examples/segment.mjs
import { fileURLToPath } from "node:url";
import { createSegmenter } from "@maskery/node";

const segmenter = await createSegmenter();
const photo = new URL("./photos/chelsea.png", import.meta.url);
const { best } = await segmenter.segment(photo, [{ x: 220, y: 170 }]);
console.log(`score ${best.score?.toFixed(2)}, ${best.area} pixels, box`, best.bbox);
await best.toFile(fileURLToPath(new URL("./out/cat.png", import.meta.url)));
await segmenter.dispose();
