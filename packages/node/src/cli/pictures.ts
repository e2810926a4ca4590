import type { Mask, RgbaImage } from "@maskery/core";

/** Told apart by people with any colour vision. Source: Okabe and Ito, "Color Universal Design" (2008). */
const OVERLAY_COLORS = [
  [0xe6, 0x9f, 0x00],
  [0x56, 0xb4, 0xe9],
  [0x00, 0x9e, 0x73],
  [0xf0, 0xe4, 0x42],
  [0x00, 0x72, 0xb2],
  [0xd5, 0x5e, 0x00],
  [0xcc, 0x79, 0xa7],
] as const;

/** Share of the colour inside a mask; the rest is the picture. */
const OVERLAY_OPACITY = 0.5;

/** The picture with everything outside the mask transparent. */
export function cutOut(image: RgbaImage, mask: Mask): RgbaImage {
  const data = new Uint8Array(image.data.length);
  const bitmap = mask.toBitmap();
  for (let pixel = 0; pixel < bitmap.length; pixel++) {
    if (bitmap[pixel] === 0) continue;
    const start = pixel * 4;
    data.set(image.data.subarray(start, start + 4), start);
  }
  return { width: image.width, height: image.height, data };
}

/** The picture with each mask tinted and outlined in a colour of its own; earlier masks lie on top. */
export function overlay(image: RgbaImage, masks: readonly Mask[]): RgbaImage {
  const data = new Uint8Array(image.data);
  for (let index = masks.length - 1; index >= 0; index--) {
    tint(
      data,
      image.width,
      image.height,
      masks[index]!.toBitmap(),
      OVERLAY_COLORS[index % OVERLAY_COLORS.length]!,
    );
  }
  return { width: image.width, height: image.height, data };
}

function tint(
  data: Uint8Array,
  width: number,
  height: number,
  bitmap: Uint8Array,
  color: readonly [number, number, number],
): void {
  const isInside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && bitmap[y * width + x] === 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInside(x, y)) continue;
      const isBorder =
        !isInside(x - 1, y) || !isInside(x + 1, y) || !isInside(x, y - 1) || !isInside(x, y + 1);
      const opacity = isBorder ? 1 : OVERLAY_OPACITY;
      const start = (y * width + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        data[start + channel] = Math.round(
          data[start + channel]! * (1 - opacity) + color[channel]! * opacity,
        );
      }
      data[start + 3] = Math.max(data[start + 3]!, Math.round(255 * opacity));
    }
  }
}
