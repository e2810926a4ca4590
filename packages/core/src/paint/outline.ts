import { squaredDistances } from "../mask/distance-transform.js";
import type { Mask } from "../mask/mask.js";
import { type PixelWindow, windowAround, windowBitmap } from "../mask/window.js";
import type { Rgba } from "./color.js";
import { type Canvas, layOver } from "./pixels.js";

/** Which side of the border the line lies on. */
export type OutlineSide = "inside" | "outside" | "center";

/**
 * Draws the border of a mask as a smooth line of even thickness, by the exact distance of each pixel to the border. The
 * picture's own edges are no border.
 * @param canvas - Has the mask's size; it is drawn on.
 */
export function drawOutline(
  canvas: Canvas,
  mask: Mask,
  color: Rgba,
  thicknessPixels: number,
  side: OutlineSide,
): void {
  if (thicknessPixels === 0 || mask.isEmpty) return;
  const inward = side === "inside" ? thicknessPixels : side === "center" ? thicknessPixels / 2 : 0;
  const outward = thicknessPixels - inward;
  const window = windowAround(mask.bbox, thicknessPixels + 1, canvas.width, canvas.height);
  const bitmap = windowBitmap(mask.runs, mask.width, mask.height, window);
  const lines: readonly (readonly [own: 0 | 1, reach: number])[] = [
    [1, inward],
    [0, outward],
  ];
  for (const [own, reach] of lines) {
    if (reach === 0) continue;
    const distances = squaredDistances(bitmap, window.width, window.height, own === 1 ? 0 : 1);
    strokeBand(canvas, window, bitmap, own, distances, reach, color);
  }
}

/** Colours the pixels of one side of the border that lie within `reach` of it; the line's far edge is smoothed. */
function strokeBand(
  canvas: Canvas,
  window: PixelWindow,
  bitmap: Uint8Array,
  own: 0 | 1,
  squared: Int32Array,
  reach: number,
  color: Rgba,
): void {
  const furthest = (reach + 1) * (reach + 1);
  for (let row = 0, source = 0; row < window.height; row++) {
    let offset = ((window.y + row) * canvas.width + window.x) * 4;
    for (let column = 0; column < window.width; column++, source++, offset += 4) {
      if (bitmap[source] !== own || squared[source]! >= furthest) continue;
      // The pixel reaches from (distance - 1) to distance, measured from the border.
      const covered = Math.min(1, reach + 1 - Math.sqrt(squared[source]!));
      if (covered > 0)
        layOver(canvas.data, offset, color.red, color.green, color.blue, color.alpha * covered);
    }
  }
}
