/**
 * The picture with everything outside the mask transparent.
 * @param {import("@maskery/node").RgbaImage} image
 * @param {import("@maskery/node").Mask} mask
 */
export function cutOut(image, mask) {
  const data = new Uint8Array(image.data);
  const inside = mask.toBitmap();
  for (let pixel = 0; pixel < inside.length; pixel++) if (inside[pixel] === 0) data[pixel * 4 + 3] = 0;
  return { ...image, data };
}

/** Sky blue, vermilion and bluish green: told apart with any colour vision. */
const colors = /** @type {const} */ ([
  [0x56, 0xb4, 0xe9],
  [0xd5, 0x5e, 0x00],
  [0x00, 0x9e, 0x73],
]);

/**
 * The picture with each mask tinted in a colour of its own.
 * @param {import("@maskery/node").RgbaImage} image
 * @param {readonly import("@maskery/node").Mask[]} masks
 */
export function overlay(image, masks) {
  const data = new Uint8Array(image.data);
  masks.forEach((mask, index) => {
    const [red, green, blue] = colors[index % colors.length] ?? colors[0];
    const inside = mask.toBitmap();
    for (let pixel = 0, byte = 0; pixel < inside.length; pixel++, byte += 4) {
      if (inside[pixel] === 0) continue;
      data[byte] = (Number(data[byte]) + red) / 2;
      data[byte + 1] = (Number(data[byte + 1]) + green) / 2;
      data[byte + 2] = (Number(data[byte + 2]) + blue) / 2;
    }
  });
  return { ...image, data };
}
