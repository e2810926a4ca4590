import { invalidInput } from "../../errors.js";
import type { CocoRle, UncompressedRle } from "../coco-rle.js";
import type { ContourOptions, Mask } from "../mask.js";
import type { Ring } from "../polygon.js";

/** COCO polygons: for each piece one list `[x0, y0, x1, y1, …]`. They cannot hold holes. */
export type CocoPolygons = readonly (readonly number[])[];

export type CocoSegmentation = CocoPolygons | CocoRle | UncompressedRle;

/** One object as COCO's "object detection" format writes it; names and order of members as there. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly segmentation: CocoSegmentation;
  /** Foreground pixels. */
  readonly area: number;
  /** `[x, y, width, height]` in pixels. */
  readonly bbox: readonly [x: number, y: number, width: number, height: number];
  /** 1 marks a region of many objects that evaluation must not count against a model. */
  readonly iscrowd: 0 | 1;
  /** In result files: how sure the model is. */
  readonly score?: number;
}

export interface CocoAnnotationOptions {
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  /** Default false. */
  readonly crowd?: boolean;
  readonly score?: number;
  readonly segmentation?: CocoSegmentationOptions;
}

export interface CocoSegmentationOptions extends Pick<ContourOptions, "tolerancePixels"> {
  /**
   * `auto` (default): polygons, or compressed run lengths when the mask has a hole, is empty, or marks a crowd (then
   * uncompressed, as COCO's own files have it). `polygon` refuses a mask with a hole rather than fill it.
   */
  readonly form?: "auto" | "polygon" | "rle" | "uncompressed-rle";
}

/**
 * One mask as COCO segmentation. Exact polygons run along pixel edges: pixel `(x, y)` covers the unit square from `(x, y)`.
 * @throws MaskeryError `INVALID_INPUT` for `form: "polygon"` and a mask that is empty or has a hole.
 */
export function cocoSegmentationFromMask(
  mask: Mask,
  options: CocoSegmentationOptions = {},
  crowd = false,
): CocoSegmentation {
  const form = options.form ?? (crowd ? "uncompressed-rle" : "auto");
  if (form === "rle") return mask.toCocoRle();
  if (form === "uncompressed-rle") return mask.toRle();
  if (form !== "auto" && form !== "polygon") {
    throw invalidInput("segmentation.form", '"auto", "polygon", "rle" or "uncompressed-rle"', form);
  }
  const { tolerancePixels } = options;
  const polygons = mask.contours(tolerancePixels === undefined ? {} : { tolerancePixels });
  const hasHole = polygons.some(({ holes }) => holes.length > 0);
  if (polygons.length > 0 && !hasHole) return polygons.map(({ outer }) => coordinateList(outer));
  if (form === "auto") return mask.toCocoRle();
  throw invalidInput("mask", "a mask that polygons can hold", hasHole ? "one with a hole" : "an empty one");
}

/** @throws MaskeryError `INVALID_INPUT` as `cocoSegmentationFromMask`. */
export function cocoAnnotationFromMask(mask: Mask, options: CocoAnnotationOptions): CocoAnnotation {
  const crowd = options.crowd ?? false;
  const { x, y, width, height } = mask.bbox;
  return {
    id: options.id,
    image_id: options.imageId,
    category_id: options.categoryId,
    segmentation: cocoSegmentationFromMask(mask, options.segmentation, crowd),
    area: mask.area,
    bbox: [x, y, width, height],
    iscrowd: crowd ? 1 : 0,
    ...(options.score === undefined ? {} : { score: options.score }),
  };
}

function coordinateList(ring: Ring): number[] {
  return ring.flatMap(({ x, y }) => [x, y]);
}
