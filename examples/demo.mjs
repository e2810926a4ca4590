// Segments the photographs in examples/photos by point and by box, and writes masks, cut-outs and overlays.
//   npm run demo
import { mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createSegmenter, overlay, Picture } from "@maskery/node";
import { demoPrompts } from "./demo-prompts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const outFolder = join(here, "out");
await mkdir(outFolder, { recursive: true });

const segmenter = await createSegmenter();
console.log(`Model ${segmenter.model} on ${segmenter.device}\n`);
console.log(line("image", "prompt", "score", "area (px)", "ms"));
const paths = [];
for (const { name, photo, prompt, said } of demoPrompts) {
  const session = await segmenter.open(join(here, "photos", photo));
  const { best, timings } = await session.segment(prompt);
  console.log(line(photo, said, (best.score ?? 0).toFixed(2), String(best.area), timings.totalMs.toFixed(0)));

  const file = (/** @type {string} */ kind) => join(outFolder, `${name}-${kind}.png`);
  await best.toFile(file("mask"));
  // Small gaps and crumbs matter to nobody who wants the object.
  const whole = best.refine({ fillHoles: true, dropSpecks: { fraction: 0.05 } });
  await (await session.cutout(whole)).toFile(file("cutout"));
  const shown = overlay(await session.pixels(), [best], { palette: ["#56b4e9"], opacity: 0.5 });
  await new Picture(shown, segmenter.platform).toFile(file("overlay"));
  paths.push(file("mask"), file("cutout"), file("overlay"));
  await session.dispose();
}
await segmenter.dispose();

console.log(
  "\nms: from the file's bytes to the mask; the first run of a model takes longer than the next ones.\n",
);
for (const path of paths) console.log(relative(process.cwd(), path));

/** One line of the table. @param {[string, string, string, string, string]} cells */
function line(...[image, prompt, score, area, ms]) {
  return `${image.padEnd(15)}${prompt.padEnd(38)}${score.padStart(6)}${area.padStart(11)}${ms.padStart(6)}`;
}
