import { invalidInput } from "../errors.js";
import { checkRgbaImage, type ImageSize, type RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import type { DescribedMask } from "./describer.js";

/**
 * What every describer checks at its door.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault.
 */
export function checkDescribed(image: RgbaImage, masks: readonly DescribedMask[]): void {
  checkRgbaImage(image);
  checkDescribedMasks(masks, image);
}

/** @throws MaskeryError `INVALID_INPUT` for a list of anything but masks of this size, with names or without. */
export function checkDescribedMasks(masks: readonly DescribedMask[], image: ImageSize): void {
  if (!Array.isArray(masks)) throw invalidInput("masks", "a list of masks", masks);
  masks.forEach((described: DescribedMask, index) => {
    const { mask, name } = described ?? {};
    if (!(mask instanceof Mask)) throw invalidInput(`masks[${index}].mask`, "a mask", mask);
    if (mask.width !== image.width || mask.height !== image.height) {
      throw invalidInput(
        `masks[${index}].mask`,
        `a mask of ${image.width} × ${image.height}`,
        `${mask.width} × ${mask.height}`,
      );
    }
    if (name !== undefined && typeof name !== "string")
      throw invalidInput(`masks[${index}].name`, "a text", name);
  });
}
