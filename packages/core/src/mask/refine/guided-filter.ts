import { boxSum } from "./box-mean.js";

/** Colours 0..1 as three planes `[height, width]`. */
export interface ColorPlanes {
  readonly width: number;
  readonly height: number;
  readonly red: Float32Array;
  readonly green: Float32Array;
  readonly blue: Float32Array;
}

export interface GuidedFilterOptions {
  /** Half side of the windows in pixels. */
  readonly radius: number;
  /** Squared colour contrast (0..1 scale) below which an edge counts as texture. */
  readonly epsilon: number;
}

/**
 * Guided filter with a colour guide and a weight for each pixel: in each window `plane` is explained as a linear function
 * of colour by weighted least squares, and the explanations of all windows over a pixel are averaged by their weight. With
 * equal weights this is He, Sun and Tang, "Guided Image Filtering" (ECCV 2010, PAMI 2013), section 3.5.
 * @param weights - At least 0, `[height, width]`.
 * @returns `[height, width]`, not clamped; where no window has weight, `plane` itself.
 */
export function guidedFilter(
  guide: ColorPlanes,
  plane: Float32Array,
  weights: Float32Array,
  { radius, epsilon }: GuidedFilterOptions,
): Float32Array {
  const { width, height } = guide;
  const weighted = (first: Float32Array, second?: Float32Array) => {
    const product = new Float32Array(weights.length);
    if (second) for (let i = 0; i < product.length; i++) product[i] = weights[i]! * first[i]! * second[i]!;
    else for (let i = 0; i < product.length; i++) product[i] = weights[i]! * first[i]!;
    return boxSum(product, width, height, radius);
  };
  const { red, green, blue } = guide;
  const total = boxSum(weights, width, height, radius);
  const sumRed = weighted(red);
  const sumGreen = weighted(green);
  const sumBlue = weighted(blue);
  const sumPlane = weighted(plane);
  const redRed = weighted(red, red);
  const redGreen = weighted(red, green);
  const redBlue = weighted(red, blue);
  const greenGreen = weighted(green, green);
  const greenBlue = weighted(green, blue);
  const blueBlue = weighted(blue, blue);
  const planeRed = weighted(plane, red);
  const planeGreen = weighted(plane, green);
  const planeBlue = weighted(plane, blue);
  // Slopes and offset of each window times its weight, written over sums that are no longer needed.
  for (let i = 0; i < total.length; i++) {
    const weight = total[i]!;
    if (weight < MIN_WEIGHT) {
      planeRed[i] = planeGreen[i] = planeBlue[i] = sumPlane[i] = total[i] = 0;
      continue;
    }
    const r = sumRed[i]! / weight;
    const g = sumGreen[i]! / weight;
    const b = sumBlue[i]! / weight;
    const p = sumPlane[i]! / weight;
    const rr = redRed[i]! / weight - r * r + epsilon;
    const rg = redGreen[i]! / weight - r * g;
    const rb = redBlue[i]! / weight - r * b;
    const gg = greenGreen[i]! / weight - g * g + epsilon;
    const gb = greenBlue[i]! / weight - g * b;
    const bb = blueBlue[i]! / weight - b * b + epsilon;
    const pr = planeRed[i]! / weight - p * r;
    const pg = planeGreen[i]! / weight - p * g;
    const pb = planeBlue[i]! / weight - p * b;
    // The symmetric 3 × 3 system, by cofactors.
    const c00 = gg * bb - gb * gb;
    const c01 = gb * rb - rg * bb;
    const c02 = rg * gb - gg * rb;
    const scale = weight / (rr * c00 + rg * c01 + rb * c02);
    const slopeRed = scale * (c00 * pr + c01 * pg + c02 * pb);
    const slopeGreen = scale * (c01 * pr + (rr * bb - rb * rb) * pg + (rg * rb - rr * gb) * pb);
    const slopeBlue = scale * (c02 * pr + (rg * rb - rr * gb) * pg + (rr * gg - rg * rg) * pb);
    planeRed[i] = slopeRed;
    planeGreen[i] = slopeGreen;
    planeBlue[i] = slopeBlue;
    sumPlane[i] = weight * p - slopeRed * r - slopeGreen * g - slopeBlue * b;
  }
  const weight = boxSum(total, width, height, radius);
  const slopeRed = boxSum(planeRed, width, height, radius);
  const slopeGreen = boxSum(planeGreen, width, height, radius);
  const slopeBlue = boxSum(planeBlue, width, height, radius);
  const offset = boxSum(sumPlane, width, height, radius);
  const result = new Float32Array(plane.length);
  for (let i = 0; i < result.length; i++) {
    result[i] =
      weight[i]! < MIN_WEIGHT
        ? plane[i]!
        : (slopeRed[i]! * red[i]! + slopeGreen[i]! * green[i]! + slopeBlue[i]! * blue[i]! + offset[i]!) /
          weight[i]!;
  }
  return result;
}

/** Less weight than this in a window says nothing. */
const MIN_WEIGHT = 1e-6;
