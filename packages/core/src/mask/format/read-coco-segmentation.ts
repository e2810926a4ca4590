import { invalidInput } from "../../errors.js";
import type { CocoRle, UncompressedRle } from "../coco-rle.js";
import { Mask, type MaskDetails } from "../mask.js";
import type { Ring } from "../polygon.js";

/**
 * Reads a COCO segmentation: polygons (united), or run lengths in either form. What `cocoSegmentationFromMask` wrote comes
 * back pixel by pixel. A pixel is foreground when its centre lies inside; pycocotools grows slanted borders a little, so
 * hand-drawn polygons may differ from it by border pixels.
 * @param segmentation - The member `segmentation`, or a whole annotation.
 * @param width - Pixels across the picture; `height` likewise down.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault, also for run lengths of another size.
 */
export function maskFromCoco(
  segmentation: unknown,
  width: number,
  height: number,
  details: MaskDetails = {},
): Mask {
  if (typeof segmentation !== "object" || segmentation === null) {
    throw invalidInput("segmentation", "polygons, run lengths or an annotation", segmentation);
  }
  if ("segmentation" in segmentation) return maskFromCoco(segmentation.segmentation, width, height, details);
  if (!Array.isArray(segmentation)) {
    const mask = Mask.fromRle(segmentation as CocoRle | UncompressedRle, details);
    if (mask.width !== width || mask.height !== height) {
      throw invalidInput(
        "segmentation.size",
        `[${height}, ${width}], the picture's`,
        `[${mask.height}, ${mask.width}]`,
      );
    }
    return mask;
  }
  const polygons = segmentation.map((list: unknown, index) => ({
    outer: ringOf(list, `segmentation[${index}]`),
  }));
  return Mask.fromPolygons(polygons, width, height, details);
}

function ringOf(list: unknown, field: string): Ring {
  if (!Array.isArray(list) || list.length < 6 || list.length % 2 !== 0) {
    throw invalidInput(field, "[x0, y0, x1, y1, …] with at least three corners", list);
  }
  return Array.from({ length: list.length / 2 }, (_, index) => {
    const [x, y]: unknown[] = [list[index * 2], list[index * 2 + 1]];
    if (typeof x !== "number" || !Number.isFinite(x))
      throw invalidInput(`${field}[${index * 2}]`, "a number of pixels", x);
    if (typeof y !== "number" || !Number.isFinite(y))
      throw invalidInput(`${field}[${index * 2 + 1}]`, "a number of pixels", y);
    return { x, y };
  });
}
