/** Stands for "no such pixel anywhere". Squared distances stay below it for diagonals up to 46,000 pixels. */
export const NO_DISTANCE = 2 ** 31 - 1;

/**
 * Squared Euclidean distance from the centre of each pixel to the centre of the nearest pixel whose bitmap value is
 * `target`; 0 on such pixels themselves. Exact: columns by two sweeps, then each row by the lower envelope of parabolas,
 * stretch by stretch between target pixels, since a target at either end hides everything beyond it.
 * Sources of the method: Felzenszwalb and Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8
 * (2012); the division in whole numbers from Meijster, Roerdink and Hesselink (2000).
 * @param bitmap - Row-major `[height, width]` of 0 and 1.
 * @returns Row-major `[height, width]`; `NO_DISTANCE` everywhere when no pixel is `target`.
 */
export function squaredDistances(
  bitmap: Uint8Array,
  width: number,
  height: number,
  target: 0 | 1,
): Int32Array<ArrayBuffer> {
  const distances = new Int32Array(width * height);
  const found = sweepColumns(bitmap, width, height, target, distances);
  if (!found) return distances.fill(NO_DISTANCE);
  const scratch = new Envelope(width + 2);
  for (let y = 0; y < height; y++) sweepRow(distances, y * width, width, scratch);
  return distances;
}

/** Fills in the distance within each column, in pixels, `NO_DISTANCE` where a column has no target. */
function sweepColumns(
  bitmap: Uint8Array,
  width: number,
  height: number,
  target: 0 | 1,
  distances: Int32Array,
): boolean {
  let found = false;
  for (let x = 0; x < width; x++) {
    if (bitmap[x] === target) found = true;
    else distances[x] = NO_DISTANCE;
  }
  for (let pixel = width, end = width * height; pixel < end; pixel++) {
    if (bitmap[pixel] === target) {
      found = true;
      continue;
    }
    const above = distances[pixel - width]!;
    distances[pixel] = above === NO_DISTANCE ? NO_DISTANCE : above + 1;
  }
  if (!found) return false;
  for (let pixel = width * (height - 1) - 1; pixel >= 0; pixel--) {
    const below = distances[pixel + width]!;
    if (below < distances[pixel]!) distances[pixel] = below + 1;
  }
  return true;
}

/** Parabolas that matter on one stretch: where each stands, its height, and where it begins to be the lowest. */
class Envelope {
  readonly site: Int32Array;
  readonly base: Float64Array;
  readonly from: Int32Array;

  constructor(length: number) {
    this.site = new Int32Array(length);
    this.base = new Float64Array(length);
    this.from = new Int32Array(length);
  }
}

function sweepRow(distances: Int32Array, row: number, width: number, scratch: Envelope): void {
  let x = 0;
  while (x < width) {
    if (distances[row + x] === 0) {
      x++;
      continue;
    }
    let end = x + 1;
    while (end < width && distances[row + end] !== 0) end++;
    sweepStretch(distances, row, Math.max(0, x - 1), Math.min(width, end + 1), x, end, scratch);
    x = end;
  }
}

/** Solves columns `first` to `last` of a row from the parabolas that stand on columns `from` to `to`. */
function sweepStretch(
  distances: Int32Array,
  row: number,
  from: number,
  to: number,
  first: number,
  last: number,
  { site, base, from: lowestFrom }: Envelope,
): void {
  let top = -1;
  for (let x = from; x < to; x++) {
    const inColumn = distances[row + x]!;
    if (inColumn === NO_DISTANCE) continue;
    const height = inColumn * inColumn + x * x;
    // A parabola that is higher than the new one where its own reign begins never is the lowest.
    while (top >= 0 && base[top]! - height > 2 * lowestFrom[top]! * (site[top]! - x)) top--;
    // The first whole column at which the new parabola lies below the one before.
    const begins = top < 0 ? from : Math.floor((height - base[top]!) / (2 * (x - site[top]!))) + 1;
    if (begins >= last) continue;
    top++;
    site[top] = x;
    base[top] = height;
    lowestFrom[top] = begins;
  }
  if (top < 0) {
    distances.fill(NO_DISTANCE, row + first, row + last);
    return;
  }
  for (let end = last; end > first; top--) {
    const start = Math.max(first, lowestFrom[top]!);
    const height = base[top]!;
    const twice = 2 * site[top]!;
    for (let x = start; x < end; x++) distances[row + x] = height + x * (x - twice);
    end = Math.min(end, start);
  }
}
