import type { GrayImage, RgbaImage } from "../image/rgba-image.js";

/** Colours that change smoothly over the picture; alpha too, unless it is to be opaque. */
export function gradientImage(width: number, height: number, { opaque = false } = {}): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const right = Math.round((255 * x) / Math.max(1, width - 1));
      const down = Math.round((255 * y) / Math.max(1, height - 1));
      data.set(
        [right, down, 255 - right, opaque ? 255 : Math.round((right + down) / 2)],
        (y * width + x) * 4,
      );
    }
  }
  return { width, height, data };
}

/** Four blocks, each of its own colour, so that any turn or mirroring shows. */
export function quarteredImage(width: number, height: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bottom = y >= height / 2;
      const right = x >= width / 2;
      data.set(
        [...(quarterColours[(bottom ? 2 : 0) + (right ? 1 : 0)] as readonly number[]), 255],
        (y * width + x) * 4,
      );
    }
  }
  return { width, height, data };
}

const quarterColours: readonly (readonly number[])[] = [
  [230, 20, 20],
  [20, 230, 20],
  [20, 20, 230],
  [230, 230, 20],
];

/** A disc of 255 on 0, or of a ramp on 0. */
export function discImage(width: number, height: number, { ramp = false } = {}): GrayImage {
  const gray = new Uint8Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = Math.hypot((x + 0.5) / width - 0.5, (y + 0.5) / height - 0.5) < 0.4;
      if (inside) gray[y * width + x] = ramp ? (x * 7 + y * 3) % 256 : 255;
    }
  }
  return { width, height, gray };
}

/** How a picture looks that is stored under an EXIF orientation: where each displayed pixel comes from. */
export function displayedImage(stored: RgbaImage, orientation: number): RgbaImage {
  const { width: w, height: h } = stored;
  const source = orientationSources[orientation];
  if (!source) throw new RangeError(`orientation ${orientation}`);
  const [width, height] = orientation >= 5 ? [h, w] : [w, h];
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [sourceX, sourceY] = source(x, y, w, h);
      const from = (sourceY * w + sourceX) * 4;
      data.set(stored.data.subarray(from, from + 4), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** Displayed (x, y) to stored (x, y), for a stored picture of w × h. */
const orientationSources: Readonly<
  Record<number, (x: number, y: number, w: number, h: number) => readonly [number, number]>
> = {
  1: (x, y) => [x, y],
  2: (x, y, w) => [w - 1 - x, y],
  3: (x, y, w, h) => [w - 1 - x, h - 1 - y],
  4: (x, y, _w, h) => [x, h - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _w, h) => [y, h - 1 - x],
  7: (x, y, w, h) => [w - 1 - y, h - 1 - x],
  8: (x, y, w) => [w - 1 - y, x],
};

/** Mean absolute difference of all channels, 0..255. */
export function meanDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  let total = 0;
  for (let index = 0; index < left.length; index += 1)
    total += Math.abs((left[index] as number) - (right[index] as number));
  return total / left.length;
}
