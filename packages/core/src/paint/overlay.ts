import { invalidInput } from "../errors.js";
import type { RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { numberBetween, wholeNumberBetween } from "../number-between.js";
import type { Rgba } from "./color.js";
import { coverageOf, forEachCoveredSpan } from "./coverage.js";
import { drawOutline } from "./outline.js";
import { parsePalette } from "./palette.js";
import { type Canvas, checkMaskFits, copyToCanvas, layOver } from "./pixels.js";
import { drawTextChip, textChipSize } from "./text-label.js";

export interface OverlayOptions {
  /** Strength of the fill, 0..1. Default 0.45. */
  readonly opacity?: number;
  /** Thickness of the line inside each border, in pixels; 0 draws none. Default: 1/300 of the shorter side, at least 1. */
  readonly outlinePixels?: number;
  /** CSS colours, used in turn. Default `defaultPalette`, which is safe for colour-blind readers. */
  readonly palette?: readonly string[];
  /** One text for each mask, or a function that makes it; an empty or missing text draws nothing. Default: none. */
  readonly labels?: readonly (string | undefined)[] | ((mask: Mask, index: number) => string | undefined);
  /** Size of the letters: 5 × 9 pixels times this whole number. Default: 1/250 of the shorter side, 1 to 8. */
  readonly labelScale?: number;
}

/** A thin dark line outside the coloured one keeps it visible on a ground of its own colour. */
const HALO: Rgba = { red: 0, green: 0, blue: 0, alpha: 0.55 };

/**
 * Shows masks on a picture: a coloured fill, a clear outline, and labels where asked for. Later masks lie above.
 * @returns A new picture of the same size; `image` is not changed.
 * @throws MaskeryError `INVALID_INPUT` for a mask of another size than the picture, a palette entry that is no colour, or
 * an option out of range.
 */
export function overlay(image: RgbaImage, masks: readonly Mask[], options: OverlayOptions = {}): RgbaImage {
  const canvas = copyToCanvas(image);
  const shorterSide = Math.min(canvas.width, canvas.height);
  const opacity = numberBetween("opacity", options.opacity, 0.45, 0, 1);
  const outlinePixels = numberBetween(
    "outlinePixels",
    options.outlinePixels,
    Math.max(1, Math.round(shorterSide / 300)),
    0,
    1000,
  );
  const scale = wholeNumberBetween(
    "labelScale",
    options.labelScale,
    Math.min(8, Math.max(1, Math.round(shorterSide / 250))),
    1,
    64,
  );
  const colors = parsePalette(options.palette);
  if (!Array.isArray(masks)) throw invalidInput("masks", "a list of masks", masks);
  masks.forEach((mask: Mask, index) => checkMaskFits(mask, canvas, `masks[${index}]`));
  const colorOf = (index: number): Rgba => colors[index % colors.length]!;

  masks.forEach((mask: Mask, index) => fill(canvas, mask, colorOf(index), opacity));
  if (outlinePixels > 0) {
    masks.forEach((mask: Mask, index) => {
      drawOutline(canvas, mask, HALO, Math.max(1, outlinePixels / 2), "outside");
      drawOutline(canvas, mask, { ...colorOf(index), alpha: 1 }, outlinePixels, "inside");
    });
  }
  masks.forEach((mask: Mask, index) => {
    const text = typeof options.labels === "function" ? options.labels(mask, index) : options.labels?.[index];
    if (text && !mask.isEmpty) label(canvas, mask, text, scale, { ...colorOf(index), alpha: 1 });
  });
  return canvas;
}

function fill(canvas: Canvas, mask: Mask, color: Rgba, opacity: number): void {
  const coverage = coverageOf(mask);
  const full = color.alpha * opacity;
  forEachCoveredSpan(coverage, (y, start, end) => {
    for (let x = start, pixel = y * canvas.width + start; x < end; x++, pixel++) {
      const alpha = coverage.kind === "soft" ? (full * coverage.alpha[pixel]!) / 255 : full;
      layOver(canvas.data, pixel * 4, color.red, color.green, color.blue, alpha);
    }
  });
}

/** Above the box of the mask where there is room, else at the top of the box. */
function label(canvas: Canvas, mask: Mask, text: string, scale: number, color: Rgba): void {
  const { x, y } = mask.bbox;
  const above = y - textChipSize(text, scale).height;
  drawTextChip(canvas, text, x, above >= 0 ? above : y, scale, color);
}
