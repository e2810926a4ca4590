import { squaredDistances } from "../mask/distance-transform.js";

/**
 * Grows a soft shape by a disc: 255 within `pixels` of its border (the pixels of at least 128), smoothed at the far edge.
 * @param alpha - Row-major `[height, width]`, 0..255.
 */
export function dilatedPlane(alpha: Uint8Array, width: number, height: number, pixels: number): Uint8Array {
  const distances = squaredDistances(
    alpha.map((value) => (value >= 128 ? 1 : 0)),
    width,
    height,
    1,
  );
  const furthest = (pixels + 1) * (pixels + 1);
  const plane = new Uint8Array(alpha.length);
  for (let index = 0; index < plane.length; index++) {
    const squared = distances[index]!;
    if (squared >= furthest) continue;
    plane[index] = Math.round(255 * Math.min(1, pixels + 1 - Math.sqrt(squared)));
  }
  return plane;
}
