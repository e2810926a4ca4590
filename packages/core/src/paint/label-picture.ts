import type { RgbaImage } from "../image/rgba-image.js";
import type { LabelMap } from "../mask/format/label-map.js";
import { parsePalette } from "./palette.js";
import { emptyCanvas } from "./pixels.js";

export interface LabelPictureOptions {
  /** CSS colours for labels 1, 2, …, used in turn. Default `defaultPalette`. */
  readonly palette?: readonly string[];
}

/**
 * A label map for people: every label in a colour of its own, background clear. For machines there is `labelMapImage`.
 * @throws MaskeryError `INVALID_INPUT` for a palette entry that is no colour.
 */
export function labelMapPicture(map: LabelMap, options: LabelPictureOptions = {}): RgbaImage {
  const colors = parsePalette(options.palette);
  const canvas = emptyCanvas(map.width, map.height);
  map.labels.forEach((label, pixel) => {
    if (label === 0) return;
    const { red, green, blue, alpha } = colors[(label - 1) % colors.length]!;
    canvas.data[pixel * 4] = red;
    canvas.data[pixel * 4 + 1] = green;
    canvas.data[pixel * 4 + 2] = blue;
    canvas.data[pixel * 4 + 3] = alpha * 255;
  });
  return canvas;
}
