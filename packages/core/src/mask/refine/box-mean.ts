/**
 * Sums over the square of `2 * radius + 1` pixels around each pixel, cut at the plane's edges. Two passes of running sums:
 * the work does not grow with the radius.
 * @param plane - Row-major `[height, width]`; not changed.
 */
export function boxSum(
  plane: Float32Array,
  width: number,
  height: number,
  radius: number,
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const start = y * width;
    // Double precision inside the loop keeps the running sum from drifting.
    let sum = 0;
    for (let x = 0; x < Math.min(radius, width); x++) sum += plane[start + x]!;
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += plane[start + x + radius]!;
      if (x > radius) sum -= plane[start + x - radius - 1]!;
      rows[start + x] = sum;
    }
  }
  const result = new Float32Array(plane.length);
  const sums = new Float64Array(width);
  for (let y = 0; y < Math.min(radius, height); y++)
    for (let x = 0; x < width; x++) sums[x]! += rows[y * width + x]!;
  for (let y = 0; y < height; y++) {
    const entering = y + radius < height ? (y + radius) * width : -1;
    const leaving = y > radius ? (y - radius - 1) * width : -1;
    if (entering >= 0) for (let x = 0; x < width; x++) sums[x]! += rows[entering + x]!;
    if (leaving >= 0) for (let x = 0; x < width; x++) sums[x]! -= rows[leaving + x]!;
    for (let x = 0; x < width; x++) result[y * width + x] = sums[x]!;
  }
  return result;
}
