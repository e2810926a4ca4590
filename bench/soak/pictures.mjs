// @ts-check
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const PHOTOS = ["astronaut.png", "chelsea.png", "coffee.png", "coins.png", "rocket.jpg"];
const LONGEST_SIDE_PIXELS = 240;

/** The example photographs, small, as encoded bytes and as pixels. */
export async function smallPictures() {
  return Promise.all(
    PHOTOS.map(async (name) => {
      const path = fileURLToPath(new URL(`../../examples/photos/${name}`, import.meta.url));
      const small = sharp(path).resize(LONGEST_SIDE_PIXELS, LONGEST_SIDE_PIXELS, { fit: "inside" });
      const bytes = await small.clone().jpeg({ quality: 85 }).toBuffer();
      const { data, info } = await small.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      return { bytes, pixels: { data: new Uint8Array(data), width: info.width, height: info.height } };
    }),
  );
}

/**
 * The same picture with other numbers in its first pixels: content that no cache knows.
 * @param {{ data: Uint8Array, width: number, height: number }} pixels
 * @param {number} variant
 */
export function neverSeen({ data, width, height }, variant) {
  const changed = data.slice();
  new DataView(changed.buffer).setUint32(0, variant);
  return { data: changed, width, height };
}
