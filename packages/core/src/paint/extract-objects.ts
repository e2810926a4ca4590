import { invalidInput } from "../errors.js";
import { checkRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import type { BoundingBox } from "../mask/runs.js";
import { wholeNumberBetween } from "../number-between.js";
import { cutoutWithFrame } from "./cutout.js";
import type { CutoutOptions } from "./cutout-options.js";
import { checkMaskFits } from "./pixels.js";

/** All that `cutout` takes, except that the result is always cropped. */
export interface ExtractOptions extends Omit<CutoutOptions, "crop"> {
  /** Leaves out masks with fewer pixels. Default 1: only empty ones. */
  readonly minPixels?: number;
}

/** One object on its own. */
export interface ExtractedObject {
  /** The object on a clear ground, or on `background`. */
  readonly image: RgbaImage;
  /** Where `image` lies in the picture; with padding it may begin before 0. */
  readonly box: BoundingBox;
  /** Position of its mask in the list. */
  readonly index: number;
  readonly mask: Mask;
}

/**
 * Cuts every object out into a picture of its own.
 * @throws MaskeryError `INVALID_INPUT` naming the mask that does not have the picture's size, or the option out of range.
 */
export function extractObjects(
  image: RgbaImage,
  masks: readonly Mask[],
  options: ExtractOptions = {},
): ExtractedObject[] {
  checkRgbaImage(image);
  const { minPixels, ...cutoutOptions } = options;
  const least = wholeNumberBetween("minPixels", minPixels, 1, 0, Number.MAX_SAFE_INTEGER);
  if (!Array.isArray(masks)) throw invalidInput("masks", "a list of masks", masks);
  masks.forEach((mask: Mask, index) => checkMaskFits(mask, image, `masks[${index}]`));
  return masks.flatMap((mask: Mask, index) => {
    if (mask.isEmpty || mask.area < least) return [];
    const { image: result, frame } = cutoutWithFrame(image, mask, { ...cutoutOptions, crop: true });
    return [{ image: result, box: frame, index, mask }];
  });
}
