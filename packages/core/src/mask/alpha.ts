import { invalidInput } from "../errors.js";
import type { GrayImage } from "../image/rgba-image.js";
import { featherRuns } from "./feather.js";
import type { LogitsPlane } from "./logits-plane.js";
import type { Mask } from "./mask.js";
import type { PixelWindow } from "./window.js";

export { decontaminate } from "./refine/foreground-colors.js";

/** A soft mask: how much of each pixel the object covers, 0..255, row-major `[height, width]`. `Mask.fromAlpha` hardens it. */
export type AlphaMatte = GrayImage;

/** Logits are multiplied by this before the sigmoid: 1 shows the model's own probability, more a harder edge. */
export const DEFAULT_LOGIT_SHARPNESS = 2;

/** Beyond this many (sharpened) logits the sigmoid rounds to 0 or 255. */
const SATURATED_LOGIT = 6.3;

/** The mask's own soft edge when it carries one (`mask.alpha`), else 255 inside and 0 outside. Do not write to the result. */
export function alphaFromMask(mask: Mask): AlphaMatte {
  return mask.alpha ?? mask.toGrayImage();
}

/**
 * A soft edge from the scores the mask was cut from: upsampled bilinearly to the size of the picture, then
 * `sigmoid(sharpness * logit)`. At least 128 where a logit is at least 0.
 * @throws MaskeryError `INVALID_INPUT` for a mask without logits, or a sharpness that is no positive number.
 */
export function alphaFromLogits(mask: Mask, options: { readonly sharpness?: number } = {}): AlphaMatte {
  const sharpness = options.sharpness ?? DEFAULT_LOGIT_SHARPNESS;
  if (!(Number.isFinite(sharpness) && sharpness > 0))
    throw invalidInput("sharpness", "a positive number", sharpness);
  if (!mask.logits) throw invalidInput("mask.logits", "a mask that carries its logits", mask.logits);
  return {
    width: mask.width,
    height: mask.height,
    gray: sigmoidPlane(mask.logits, mask.width, mask.height, sharpness),
  };
}

function sigmoidPlane(plane: LogitsPlane, width: number, height: number, sharpness: number): Uint8Array {
  if (plane.window) return placeWindow(plane, plane.window, width, height, sharpness);
  const { data, width: planeWidth, height: planeHeight, scaleX, scaleY } = plane;
  const gray = new Uint8Array(width * height);
  const left = new Int32Array(width);
  const fraction = new Float64Array(width);
  for (let x = 0; x < width; x++) {
    const position = Math.min(planeWidth - 1, Math.max(0, (x + 0.5) * scaleX - 0.5));
    left[x] = Math.min(Math.floor(position), Math.max(0, planeWidth - 2));
    fraction[x] = position - left[x]!;
  }
  // One spare value, so that the right neighbour of the last column exists (its weight is 0).
  const blend = new Float64Array(planeWidth + 1);
  for (let y = 0, target = 0; y < height; y++) {
    const position = Math.min(planeHeight - 1, Math.max(0, (y + 0.5) * scaleY - 0.5));
    const upper = Math.floor(position);
    const lower = Math.min(planeHeight - 1, upper + 1);
    const weight = position - upper;
    for (let column = 0; column < planeWidth; column++) {
      const above = data[upper * planeWidth + column]!;
      blend[column] = sharpness * (above + (data[lower * planeWidth + column]! - above) * weight);
    }
    for (let x = 0; x < width; x++, target++) {
      const start = blend[left[x]!]!;
      const logit = start + (blend[left[x]! + 1]! - start) * fraction[x]!;
      if (logit > SATURATED_LOGIT) gray[target] = 255;
      else if (logit > -SATURATED_LOGIT) gray[target] = 255 / (1 + Math.exp(-logit)) + 0.5;
    }
  }
  return gray;
}

/** Beyond its window a plane says nothing: there the alpha is 0. */
function placeWindow(
  plane: LogitsPlane,
  window: PixelWindow,
  width: number,
  height: number,
  sharpness: number,
): Uint8Array {
  const inside = sigmoidPlane({ ...plane, window: undefined }, window.width, window.height, sharpness);
  const gray = new Uint8Array(width * height);
  for (let row = 0; row < window.height; row++) {
    const start = row * window.width;
    gray.set(inside.subarray(start, start + window.width), (window.y + row) * width + window.x);
  }
  return gray;
}

/**
 * A soft edge of `2 * radiusPixels` across, centred on the border between mask and background: a smoothstep of the exact
 * distance to that border, so the edge is equally wide everywhere. 128 or more inside, below outside; 0 keeps a hard edge.
 * The picture's own edges are no border.
 * @throws MaskeryError `INVALID_INPUT` for a radius that is negative or not finite.
 */
export function featherAlpha(mask: Mask, radiusPixels: number): AlphaMatte {
  if (!(Number.isFinite(radiusPixels) && radiusPixels >= 0)) {
    throw invalidInput("radiusPixels", "a number of pixels, 0 or more", radiusPixels);
  }
  return featherRuns(mask.runs, mask.width, mask.height, radiusPixels);
}
