import { invalidInput } from "../errors.js";
import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { numberBetween } from "../number-between.js";
import { parseColor } from "./color.js";
import { alphaPlane, coverageOf } from "./coverage.js";
import { drawOutline } from "./outline.js";
import { checkMaskFits, copyToCanvas } from "./pixels.js";

export interface HighlightOptions {
  /** How far the rest goes dark, 0..1. Default 0.6. */
  readonly dim?: number;
  /** Half the width of the soft edge in pixels. Default 0: the masks' own edges. */
  readonly feather?: number;
  /** The line around each object; `false` draws none. Default 1/300 of the picture's shorter side, at least 1, in white. */
  readonly outline?: false | { readonly pixels?: number; readonly color?: string };
}

/**
 * Makes objects stand out: the rest of the picture is dimmed, and each object gets a line around it.
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError `INVALID_INPUT` for a mask of another size than the picture or an option out of range.
 */
export function highlight(
  image: RgbaImage,
  masks: Mask | readonly Mask[],
  options: HighlightOptions = {},
): RgbaImage {
  const canvas = copyToCanvas(image);
  const list: readonly Mask[] = masks instanceof Mask ? [masks] : masks;
  if (!Array.isArray(list)) throw invalidInput("masks", "a mask or a list of masks", masks);
  list.forEach((mask: Mask, index) =>
    checkMaskFits(mask, canvas, masks instanceof Mask ? "mask" : `masks[${index}]`),
  );
  const dim = numberBetween("dim", options.dim, 0.6, 0, 1);
  const feather = numberBetween("feather", options.feather, 0, 0, 10_000);
  const outline = options.outline === false ? { pixels: 0 } : (options.outline ?? {});
  const usual = Math.max(1, Math.round(Math.min(canvas.width, canvas.height) / 300));
  const pixels = numberBetween("outline.pixels", outline.pixels, usual, 0, 1000);
  const color = parseColor(outline.color ?? "white", "outline.color");

  const shown = new Uint8Array(canvas.width * canvas.height);
  for (const mask of list) {
    const alpha = alphaPlane(mask, coverageOf(mask, feather));
    for (let pixel = 0; pixel < shown.length; pixel++)
      if (alpha[pixel]! > shown[pixel]!) shown[pixel] = alpha[pixel]!;
  }
  for (let pixel = 0; pixel < shown.length; pixel++) {
    // Darker, not more solid: clear pixels stay clear.
    const light = 1 - dim * (1 - shown[pixel]! / 255);
    for (let channel = 0; channel < 3; channel++) {
      canvas.data[pixel * 4 + channel] = canvas.data[pixel * 4 + channel]! * light;
    }
  }
  for (const mask of list) drawOutline(canvas, mask, color, pixels, "outside");
  return canvas;
}
