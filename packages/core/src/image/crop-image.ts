import type { PixelWindow } from "../mask/window.js";
import type { RgbaImage } from "./rgba-image.js";

/** Copies a part of a picture, which must lie inside it. */
export function cropImage(image: RgbaImage, window: PixelWindow): RgbaImage {
  const { width, height } = window;
  const data = new Uint8Array(width * height * 4);
  for (let row = 0; row < height; row++) {
    const start = ((window.y + row) * image.width + window.x) * 4;
    data.set(image.data.subarray(start, start + width * 4), row * width * 4);
  }
  return { data, width, height };
}
