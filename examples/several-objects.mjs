// Several objects of one picture in one run of the model, as COCO annotations.
//   npm run build && node examples/several-objects.mjs
import { createSegmenter } from "@maskery/node";

const boxes = [
  { x0: 302, y0: 12, x1: 368, y1: 74 },
  { x0: 315, y0: 153, x1: 384, y1: 220 },
  { x0: 190, y0: 168, x1: 234, y1: 218 },
];

const segmenter = await createSegmenter();
const results = await segmenter.segmentMany(
  new URL("./photos/coins.png", import.meta.url),
  boxes.map((box) => ({ box })),
);
const annotations = results.map(({ best }, index) => ({
  id: index + 1,
  segmentation: best.toCocoRle(),
  area: best.area,
  bbox: [best.bbox.x, best.bbox.y, best.bbox.width, best.bbox.height],
  score: best.score,
}));
for (const annotation of annotations) console.log(JSON.stringify(annotation));
await segmenter.dispose();
