import { drawGlyphs, textSize } from "./bitmap-font.js";
import type { Rgba } from "./color.js";
import { type Canvas, layOver } from "./pixels.js";

/** Fills a rectangle, cut at the canvas's edges. */
export function fillRectangle(
  canvas: Canvas,
  x: number,
  y: number,
  width: number,
  height: number,
  color: Rgba,
): void {
  const right = Math.min(canvas.width, x + width);
  const bottom = Math.min(canvas.height, y + height);
  for (let row = Math.max(0, y); row < bottom; row++) {
    for (let column = Math.max(0, x); column < right; column++) {
      layOver(
        canvas.data,
        (row * canvas.width + column) * 4,
        color.red,
        color.green,
        color.blue,
        color.alpha,
      );
    }
  }
}

/** Draws a line of text with its top left corner at `(x, y)`; letters are 5 × 9 pixels times `scale`, tails included. */
export function drawText(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  scale: number,
  color: Rgba,
): void {
  drawGlyphs(text, x, y, scale, (left, top, width, height) =>
    fillRectangle(canvas, left, top, width, height, color),
  );
}

/** Black or white, whichever stands out more against `ground`: the greater contrast ratio of WCAG 2. */
export function readableOn(ground: Rgba): Rgba {
  const linear = (byte: number): number => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const luminance =
    0.2126 * linear(ground.red) + 0.7152 * linear(ground.green) + 0.0722 * linear(ground.blue);
  const shade = (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? 0 : 255;
  return { red: shade, green: shade, blue: shade, alpha: 1 };
}

/** Size of `drawTextChip`'s box. */
export function textChipSize(
  text: string,
  scale: number,
): { readonly width: number; readonly height: number } {
  const { width, height } = textSize(text, scale);
  return { width: width + 4 * scale, height: height + 3 * scale };
}

/** Draws text on a filled box, moved so that it lies within the canvas where it can. */
export function drawTextChip(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  scale: number,
  ground: Rgba,
): void {
  const size = textChipSize(text, scale);
  const left = Math.max(0, Math.min(Math.round(x), canvas.width - size.width));
  const top = Math.max(0, Math.min(Math.round(y), canvas.height - size.height));
  fillRectangle(canvas, left, top, size.width, size.height, ground);
  drawText(canvas, text, left + 2 * scale, top + 2 * scale, scale, readableOn(ground));
}
