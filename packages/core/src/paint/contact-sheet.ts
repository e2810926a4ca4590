import { invalidInput } from "../errors.js";
import { checkRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import { wholeNumberBetween } from "../number-between.js";
import { textSize } from "./bitmap-font.js";
import { parseColor, type Rgba } from "./color.js";
import { type Canvas, emptyCanvas, layOver } from "./pixels.js";
import { resizeImage, sizeToFit } from "./resize-image.js";
import { drawText, fillRectangle, readableOn } from "./text-label.js";

export interface ContactSheetOptions {
  /** Pictures beside each other. Default: about as many as rows. */
  readonly columns?: number;
  /** Room for one picture in pixels; pictures are scaled to fit, shape kept. Default 240 × 240. */
  readonly cell?: { readonly width: number; readonly height: number };
  /** Pixels between cells and around them. Default 8. */
  readonly gap?: number;
  /** CSS colour. Default white. */
  readonly background?: string;
  /** Shows where pictures are clear, as a checkerboard of two greys. Default true. */
  readonly checkerboard?: boolean;
  /** One line under each picture; what does not fit is cut. */
  readonly captions?: readonly (string | undefined)[];
  /** Size of the letters: 5 × 9 pixels times this whole number. Default 2. */
  readonly captionScale?: number;
}

const CHECKER_PIXELS = 8;

/**
 * Puts pictures on one sheet, row by row.
 * @throws MaskeryError `INVALID_INPUT` for an empty list, a broken picture or an option out of range; `IMAGE_TOO_LARGE` for
 * a sheet of more than 128 million pixels.
 */
export function contactSheet(images: readonly RgbaImage[], options: ContactSheetOptions = {}): RgbaImage {
  if (!Array.isArray(images) || images.length === 0)
    throw invalidInput("images", "a list of at least one picture", images);
  images.forEach((image: RgbaImage, index) => checkRgbaImage(image, `images[${index}]`));
  const columns = wholeNumberBetween(
    "columns",
    options.columns,
    Math.ceil(Math.sqrt(images.length)),
    1,
    1000,
  );
  const cellWidth = wholeNumberBetween("cell.width", options.cell?.width, 240, 1, 10_000);
  const cellHeight = wholeNumberBetween("cell.height", options.cell?.height, 240, 1, 10_000);
  const gap = wholeNumberBetween("gap", options.gap, 8, 0, 1000);
  const scale = wholeNumberBetween("captionScale", options.captionScale, 2, 1, 64);
  const background = parseColor(options.background ?? "white", "background");
  const captionHeight = options.captions?.some(Boolean) ? textSize("A", scale).height + 4 * scale : 0;
  const rows = Math.ceil(images.length / columns);
  const width = gap + columns * (cellWidth + gap);
  const height = gap + rows * (cellHeight + captionHeight + gap);
  const sheet = emptyCanvas(width, height);
  fillRectangle(sheet, 0, 0, width, height, background);
  images.forEach((image: RgbaImage, index) => {
    const left = gap + (index % columns) * (cellWidth + gap);
    const top = gap + Math.floor(index / columns) * (cellHeight + captionHeight + gap);
    const size = sizeToFit(image, { width: cellWidth, height: cellHeight });
    const shown = resizeImage(image, size.width, size.height);
    const x = left + ((cellWidth - size.width) >> 1);
    const y = top + ((cellHeight - size.height) >> 1);
    drawImage(sheet, shown, x, y, options.checkerboard ?? true);
    const caption = options.captions?.[index];
    if (caption)
      drawCaption(
        sheet,
        caption,
        left,
        top + cellHeight + 2 * scale,
        cellWidth,
        scale,
        readableOn(background),
      );
  });
  return sheet;
}

function drawImage(sheet: Canvas, image: RgbaImage, left: number, top: number, checkerboard: boolean): void {
  for (let y = 0, source = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++, source += 4) {
      const target = ((top + y) * sheet.width + left + x) * 4;
      const alpha = image.data[source + 3]!;
      if (checkerboard && alpha < 255) {
        const light = (Math.floor(x / CHECKER_PIXELS) + Math.floor(y / CHECKER_PIXELS)) % 2 === 0 ? 235 : 205;
        layOver(sheet.data, target, light, light, light, 1);
      }
      layOver(
        sheet.data,
        target,
        image.data[source]!,
        image.data[source + 1]!,
        image.data[source + 2]!,
        alpha / 255,
      );
    }
  }
}

function drawCaption(
  sheet: Canvas,
  text: string,
  x: number,
  y: number,
  width: number,
  scale: number,
  color: Rgba,
): void {
  const letters = Math.max(
    0,
    Math.floor((width / scale + 1) / (textSize("AA", 1).width - textSize("A", 1).width)),
  );
  drawText(sheet, Array.from(text).slice(0, letters).join(""), x, y, scale, color);
}
