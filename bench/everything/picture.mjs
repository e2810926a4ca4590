// @ts-check
import { fileURLToPath } from "node:url";
import sharp from "sharp";

/**
 * A photograph at 1920 × 1080 as JPEG.
 * @param {string} name File in examples/photos.
 */
export async function fullHdPhoto(name) {
  const path = fileURLToPath(new URL(`../../examples/photos/${name}`, import.meta.url));
  return sharp(path).resize(1920, 1080).jpeg({ quality: 92 }).toBuffer();
}
