import { describeValue, invalidInput } from "../errors.js";

/** Width and height in pixels of the picture as displayed (EXIF orientation applied). */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Decoded pixels: 8-bit sRGB with straight (not premultiplied) alpha, row-major `[height, width, 4]`, top left first.
 * A browser `ImageData` is one.
 */
export interface RgbaImage extends ImageSize {
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** One 8-bit channel, row-major `[height, width]`: masks, alpha planes, label maps. */
export interface GrayImage extends ImageSize {
  readonly gray: Uint8Array;
}

export function isRgbaImage(value: unknown): value is RgbaImage {
  if (typeof value !== "object" || value === null) return false;
  const { data, width, height } = value as Partial<RgbaImage>;
  return (
    (data instanceof Uint8Array || data instanceof Uint8ClampedArray) &&
    typeof width === "number" &&
    typeof height === "number"
  );
}

/**
 * Returns `image` when its sizes are positive integers and its buffer holds exactly `width * height * 4` bytes.
 * @throws MaskeryError `INVALID_INPUT` naming the member at fault.
 */
export function checkRgbaImage(image: RgbaImage, field = "image"): RgbaImage {
  for (const side of ["width", "height"] as const) {
    const length = image[side];
    if (!Number.isSafeInteger(length) || length < 1) {
      throw invalidInput(`${field}.${side}`, "a positive whole number of pixels", length);
    }
  }
  const expectedBytes = image.width * image.height * 4;
  if (image.data.length !== expectedBytes) {
    throw invalidInput(
      `${field}.data`,
      `${expectedBytes} bytes (${image.width} × ${image.height} RGBA)`,
      image.data.length === undefined ? describeValue(image.data) : image.data.length,
    );
  }
  return image;
}
