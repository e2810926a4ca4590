import { invalidInput } from "../errors.js";
import type { RgbaImage } from "../image/rgba-image.js";
import { compositor } from "./composite.js";
import { coverageOf, forEachCoveredSpan } from "./coverage.js";
import { type LayerPlan, type PaintLayer, planLayer } from "./paint-layer.js";
import { paintSource } from "./paint-source.js";
import { editAsWords, type PictureWords } from "./pixel-words.js";
import { copyToCanvas } from "./pixels.js";
import { lookOfRegion } from "./shading.js";
import { spanPainter } from "./span-painter.js";

/**
 * Paints layers over a picture in order; each one meets what those before it left. Everything is sRGB with straight alpha,
 * blending and compositing follow W3C "Compositing and Blending Level 1". A pixel that no mask covers stays as it was.
 *
 * The same input gives the same picture in Node and in every browser, within 1/255: the hot loops use only additions,
 * multiplications and tables, and an engine's powers and roots only fill the tables.
 *
 * @returns A new picture of the same size; `image` is not changed.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, such as `layers[1].opacity`: a mask of another size, a
 * colour that is none, an option out of range; `IMAGE_TOO_LARGE` for a pattern that its scale makes too large. Nothing is
 * painted then.
 */
export function paint(image: RgbaImage, layers: readonly PaintLayer[]): RgbaImage {
  const canvas = copyToCanvas(image);
  if (!Array.isArray(layers)) throw invalidInput("layers", "a list of layers", layers);
  const plans = layers.map((layer: PaintLayer, index) => planLayer(layer, canvas, `layers[${index}]`));
  editAsWords(canvas, (picture) => {
    for (const plan of plans) paintLayer(picture, plan);
  });
  return canvas;
}

function paintLayer(picture: PictureWords, plan: LayerPlan): void {
  if (plan.opacity === 0 || plan.mask.isEmpty) return;
  const coverage = coverageOf(plan.mask, plan.featherPixels);
  const look = plan.keepShading > 0 ? lookOfRegion(picture, coverage) : undefined;
  const fillPaint = paintSource(plan, picture, look);
  const paintWhole = spanPainter(plan, look);
  const { words, width } = picture;
  const composite = compositor(plan.blend, plan.opacity);
  const buffer = new Int32Array(width);
  const alpha = coverage.kind === "soft" ? coverage.alpha : undefined;
  forEachCoveredSpan(coverage, (y, first, end, isWhole) => {
    const row = y * width;
    let start = first;
    if (paintWhole && isWhole) start = paintWhole(words, row + first, row + end) - row;
    if (start === end) return;
    fillPaint(y, start, end, buffer);
    composite({
      words,
      start: row + start,
      end: row + end,
      paint: buffer,
      coverage: isWhole ? undefined : alpha,
    });
  });
}
