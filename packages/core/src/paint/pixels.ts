import { invalidInput, MaskeryError } from "../errors.js";
import { checkRgbaImage, type ImageSize, type RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";

/** A picture that belongs to the function that made it, so it may be written to. A browser can make an `ImageData` of it. */
export interface Canvas extends RgbaImage {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Above any picture that is decoded; keeps padding, scales and sheets from asking for all memory. */
const MAX_CANVAS_PIXELS = 128e6;

/** A clear picture. @throws MaskeryError `IMAGE_TOO_LARGE` beyond 128 million pixels. */
export function emptyCanvas(width: number, height: number): Canvas {
  if (width * height > MAX_CANVAS_PIXELS) {
    throw new MaskeryError(
      "IMAGE_TOO_LARGE",
      `result: expected at most ${MAX_CANVAS_PIXELS} pixels, received ${width} × ${height}`,
    );
  }
  return { width, height, data: new Uint8ClampedArray(width * height * 4) };
}

/** A copy to draw on. @throws MaskeryError `INVALID_INPUT` for a picture whose buffer does not fit its size. */
export function copyToCanvas(image: RgbaImage, field = "image"): Canvas {
  checkRgbaImage(image, field);
  return { width: image.width, height: image.height, data: new Uint8ClampedArray(image.data) };
}

/** @throws MaskeryError `INVALID_INPUT` for something else than a mask, or a mask of another size than the picture. */
export function checkMaskFits(mask: Mask, image: ImageSize, field = "mask"): void {
  if (!(mask instanceof Mask)) throw invalidInput(field, "a Mask", mask);
  if (mask.width === image.width && mask.height === image.height) return;
  const message = `${field}: expected a mask of ${image.width} × ${image.height}, the size of the picture, received ${mask.width} × ${mask.height}`;
  throw new MaskeryError("INVALID_INPUT", message, { field });
}

/**
 * Lays a colour over one pixel: W3C "source over" with straight alpha.
 * @param offset - Index of the pixel's red byte.
 * @param alpha - Coverage of the colour, 0..1.
 */
export function layOver(
  data: Uint8ClampedArray,
  offset: number,
  red: number,
  green: number,
  blue: number,
  alpha: number,
): void {
  const below = data[offset + 3]!;
  if (below === 255) {
    data[offset] = data[offset]! + (red - data[offset]!) * alpha;
    data[offset + 1] = data[offset + 1]! + (green - data[offset + 1]!) * alpha;
    data[offset + 2] = data[offset + 2]! + (blue - data[offset + 2]!) * alpha;
    return;
  }
  if (alpha === 0) return;
  const kept = (below / 255) * (1 - alpha);
  const total = alpha + kept;
  const share = alpha / total;
  data[offset] = data[offset]! + (red - data[offset]!) * share;
  data[offset + 1] = data[offset + 1]! + (green - data[offset + 1]!) * share;
  data[offset + 2] = data[offset + 2]! + (blue - data[offset + 2]!) * share;
  data[offset + 3] = total * 255;
}
