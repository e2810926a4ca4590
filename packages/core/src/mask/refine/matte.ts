import type { GrayImage, RgbaImage } from "../../image/rgba-image.js";
import { bitmapFromRuns } from "../bitmap.js";
import type { Runs } from "../runs.js";
import type { PixelWindow } from "../window.js";
import { colorPlanes, tilesOverBand } from "./band-tiles.js";
import { boxSum } from "./box-mean.js";
import { type EdgeBand, edgeBand, readWindow } from "./edge-band.js";
import { type ColorPlanes, guidedFilter } from "./guided-filter.js";

/** Camera noise and texture, on the 0..1 scale: colours closer than this tell nothing apart. */
const COLOR_NOISE = 0.05;
/** Pixels beyond the band are certain; their weight against a pixel of the band with the clearest colour. */
const CERTAIN_WEIGHT = 1;
/** How soon varied colours on a side make the mask's own shape count instead. */
const SPREAD_WEIGHT = 6;
/** Width of that shape's ramp, as a share of the band. */
const GUESS_SHARE = 0.25;
const GUIDED_EPSILON = 1e-4;
/** Alpha from which a pixel's own colour stands for its side in the second look. */
const SURE_ALPHA = 0.75;
/** The second look's windows are this much smaller. */
const NEAR_SHARE = 6;
const FALLBACK_WEIGHT = 1e-3;
/** Alpha this close to 0 or 1 is noise: the range between is stretched over it. */
const NOISE_ALPHA = 0.04;

/**
 * Alpha from the picture in a band of `reach` pixels to either side of the outline; beyond the band the mask decides.
 *
 * 1. Local foreground and background colours: means over a window, each pixel counting more the deeper it lies on its side.
 * 2. Alpha where the pixel's colour lies on the line between the two, trusted where they differ and the pixel lies close to
 *    their line (the colour-line model of Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting",
 *    PAMI 2008).
 * 3. A guided filter weighted with that trust: alpha as a local linear function of colour, which is the same paper's prior,
 *    solved window by window (He, Sun and Tang, PAMI 2013, section 4) instead of over the whole picture.
 * 4. Steps 1 to 3 again, with colours of pixels that came out nearly sure, from closer by.
 */
export function matteFromMask(runs: Runs, image: RgbaImage, reach: number): GrayImage {
  const { width, height } = image;
  const gray = bitmapFromRuns(runs, width, height, 255);
  const result = { width, height, gray };
  if (runs.length === 1 || reach <= 0) return result;
  const band = edgeBand(runs, width, height, reach);
  const colorRadius = Math.ceil(2 * reach) + 1;
  const smoothRadius = Math.max(1, Math.round(reach / 2));
  // How far the two looks see together: two box sums for each guided filter, one for each look's colours.
  const halo = colorRadius + Math.ceil(colorRadius / NEAR_SHARE) + 4 * smoothRadius;
  for (const { core, view } of tilesOverBand(band.window, band.isInBand, halo, image)) {
    const alpha = alphaOfView(colorPlanes(image, view), band, view, reach, colorRadius, smoothRadius);
    for (let y = core.y; y < core.y + core.height; y++) {
      for (let x = core.x; x < core.x + core.width; x++) {
        if (!band.isInBand[(y - band.window.y) * band.window.width + x - band.window.x]) continue;
        const value = (alpha[(y - view.y) * view.width + x - view.x]! - NOISE_ALPHA) / (1 - 2 * NOISE_ALPHA);
        gray[y * width + x] = value <= 0 ? 0 : value >= 1 ? 255 : Math.round(value * 255);
      }
    }
  }
  return result;
}

function alphaOfView(
  colors: ColorPlanes,
  band: EdgeBand,
  view: PixelWindow,
  reach: number,
  colorRadius: number,
  smoothRadius: number,
): Float32Array {
  const distance = readWindow(band.distance, band.window, view, -reach);
  const guided = { radius: smoothRadius, epsilon: GUIDED_EPSILON };
  const wideForeground = localColors(colors, sideWeights(distance, reach, 1), colorRadius, colors);
  const wideBackground = localColors(colors, sideWeights(distance, reach, -1), colorRadius, colors);
  const first = colorLineAlpha(colors, distance, reach, wideForeground, wideBackground);
  const rough = guidedFilter(colors, first.alpha, first.trust, guided);
  // Second look: pixels that came out nearly sure tell their neighbours' colours from closer by.
  const nearRadius = Math.ceil(colorRadius / NEAR_SHARE);
  const foreground = localColors(colors, sureWeights(rough, distance, reach, 1), nearRadius, wideForeground);
  const background = localColors(colors, sureWeights(rough, distance, reach, -1), nearRadius, wideBackground);
  const second = colorLineAlpha(colors, distance, reach, foreground, background);
  return guidedFilter(colors, second.alpha, second.trust, guided);
}

/** Where each colour lies on the line from background to foreground, and how far that can be trusted. */
function colorLineAlpha(
  colors: ColorPlanes,
  distance: Float32Array,
  reach: number,
  foreground: SideColors,
  background: SideColors,
): { alpha: Float32Array; trust: Float32Array } {
  const alpha = new Float32Array(distance.length);
  const trust = new Float32Array(distance.length);
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    const signed = distance[pixel]!;
    if (Math.abs(signed) >= reach) {
      alpha[pixel] = signed > 0 ? 1 : 0;
      trust[pixel] = CERTAIN_WEIGHT;
      continue;
    }
    const backRed = background.red[pixel]!;
    const backGreen = background.green[pixel]!;
    const backBlue = background.blue[pixel]!;
    const lineRed = foreground.red[pixel]! - backRed;
    const lineGreen = foreground.green[pixel]! - backGreen;
    const lineBlue = foreground.blue[pixel]! - backBlue;
    const red = colors.red[pixel]! - backRed;
    const green = colors.green[pixel]! - backGreen;
    const blue = colors.blue[pixel]! - backBlue;
    const length = lineRed * lineRed + lineGreen * lineGreen + lineBlue * lineBlue;
    const along = (red * lineRed + green * lineGreen + blue * lineBlue) / (length + 1e-9);
    const share = along < 0 ? 0 : along > 1 ? 1 : along;
    const offRed = red - share * lineRed;
    const offGreen = green - share * lineGreen;
    const offBlue = blue - share * lineBlue;
    const off = offRed * offRed + offGreen * offGreen + offBlue * offBlue;
    // Without contrast the mask itself is the best guess: a ramp across the middle of the band.
    const spread = foreground.variance[pixel]! + background.variance[pixel]! + COLOR_NOISE * COLOR_NOISE;
    const known = length / (length + SPREAD_WEIGHT * spread);
    const guess = Math.min(1, Math.max(0, 0.5 + signed / (2 * reach * GUESS_SHARE)));
    alpha[pixel] = known * share + (1 - known) * guess;
    trust[pixel] = (known * spread) / (spread + off) + 1e-3;
  }
  return { alpha, trust };
}

/** How much a pixel tells about the colour of one side (1 inside, -1 outside): with the square of its depth on that side. */
function sideWeights(distance: Float32Array, reach: number, side: 1 | -1): Float32Array {
  const weights = new Float32Array(distance.length);
  for (let pixel = 0; pixel < weights.length; pixel++) {
    const depth = (side * distance[pixel]!) / reach;
    if (depth > 0) weights[pixel] = depth ** 4;
  }
  return weights;
}

/** As `sideWeights`, from alpha: a pixel counts when it is nearly all foreground (1) or nearly all background (-1). */
function sureWeights(alpha: Float32Array, distance: Float32Array, reach: number, side: 1 | -1): Float32Array {
  const weights = new Float32Array(alpha.length);
  for (let pixel = 0; pixel < weights.length; pixel++) {
    const share = side === 1 ? alpha[pixel]! : 1 - alpha[pixel]!;
    const excess = (Math.min(1, share) - SURE_ALPHA) / (1 - SURE_ALPHA);
    if (excess > 0) weights[pixel] = excess;
    if (side * distance[pixel]! >= reach) weights[pixel] = 1;
  }
  return weights;
}

/** Colours of one side around each pixel, and how much they vary there (summed over the channels). */
interface SideColors extends ColorPlanes {
  readonly variance: Float32Array;
}

/** Weighted means around each pixel; `fallback` counts as one more pixel of small weight. */
function localColors(
  colors: ColorPlanes,
  weights: Float32Array,
  radius: number,
  fallback: ColorPlanes,
): SideColors {
  const { width, height } = colors;
  const total = boxSum(weights, width, height, radius);
  const variance = new Float32Array(weights.length);
  const mean = (plane: Float32Array, otherwise: Float32Array) => {
    const product = new Float32Array(plane.length);
    const squares = new Float32Array(plane.length);
    for (let pixel = 0; pixel < plane.length; pixel++) {
      product[pixel] = plane[pixel]! * weights[pixel]!;
      squares[pixel] = plane[pixel]! * product[pixel]!;
    }
    const sums = boxSum(product, width, height, radius);
    const squareSums = boxSum(squares, width, height, radius);
    for (let pixel = 0; pixel < plane.length; pixel++) {
      const weight = total[pixel]! + FALLBACK_WEIGHT;
      const other = otherwise[pixel]!;
      const value = (sums[pixel]! + FALLBACK_WEIGHT * other) / weight;
      variance[pixel]! += Math.max(
        0,
        (squareSums[pixel]! + FALLBACK_WEIGHT * other * other) / weight - value * value,
      );
      sums[pixel] = value;
    }
    return sums;
  };
  return {
    width,
    height,
    red: mean(colors.red, fallback.red),
    green: mean(colors.green, fallback.green),
    blue: mean(colors.blue, fallback.blue),
    variance,
  };
}
