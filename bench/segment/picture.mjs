// @ts-check
import { fileURLToPath } from "node:url";
import sharp from "sharp";

/**
 * A 1920 × 1080 JPEG of the rocket; each `variant` has other content, so that no cache knows it.
 * @param {number} variant
 */
export async function fullHdJpeg(variant) {
  const photo = fileURLToPath(new URL("../../examples/photos/rocket.jpg", import.meta.url));
  return sharp(photo)
    .resize(1920, 1080)
    .modulate({ hue: variant * 3 })
    .jpeg({ quality: 90 })
    .toBuffer();
}
