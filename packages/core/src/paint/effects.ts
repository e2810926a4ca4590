import { checkRgbaImage, type RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { windowAround } from "../mask/window.js";
import { numberBetween, wholeNumberBetween } from "../number-between.js";
import { blurWindow } from "./blur-image.js";
import { alphaPlane, coverageOf, forEachCoveredSpan } from "./coverage.js";
import { linearOfByte, srgbOfLinear } from "./oklab.js";
import { type Canvas, checkMaskFits, copyToCanvas } from "./pixels.js";

interface SoftEdgeOptions {
  /** Half the width of the soft edge in pixels. Default 0: the mask's own edge. */
  readonly feather?: number;
}

export interface BlurOptions extends SoftEdgeOptions {
  /** Standard deviation in pixels, as CSS's `blur()`. Default: 1/60 of the picture's shorter side. */
  readonly blur?: number;
}

export interface PixelateOptions {
  /** Side of the blocks in pixels. Default: 1/32 of the picture's shorter side, at least 2. */
  readonly block?: number;
}

export interface DesaturateOptions extends SoftEdgeOptions {
  /** 0 keeps the colours, 1 takes them all. Default 1. */
  readonly amount?: number;
}

const MAX_PIXELS = 10_000;

/**
 * Blurs everything but the object. The object lends no colour to the blur, so it has no halo.
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError `INVALID_INPUT` for a mask of another size than the picture or an option out of range.
 */
export function blurBackground(image: RgbaImage, mask: Mask, options: BlurOptions = {}): RgbaImage {
  const { alpha, deviation } = prepareBlur(image, mask, options);
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const result = blurWindow(
    image,
    whole,
    deviation,
    alpha.map((value) => 255 - value),
  );
  for (let pixel = 0; pixel < alpha.length; pixel++)
    mixPixel(result.data, pixel * 4, image.data, pixel * 4, alpha[pixel]! / 255);
  return result;
}

/**
 * Blurs the object and leaves the rest, for faces and number plates. Choose `blur` well above the size of what must not be
 * read; `pixelate` with large blocks keeps less.
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError as `blurBackground`.
 */
export function blurRegion(image: RgbaImage, mask: Mask, options: BlurOptions = {}): RgbaImage {
  const { alpha, deviation, feather } = prepareBlur(image, mask, options);
  const result = copyToCanvas(image);
  const coverage = coverageOf(mask, feather);
  const window = windowAround(coverage.window, 3 * deviation + 1, image.width, image.height);
  if (window.width === 0) return result;
  const blurred = blurWindow(image, window, deviation);
  forEachCoveredSpan(coverage, (y, start, end) => {
    for (let x = start; x < end; x++) {
      const pixel = y * image.width + x;
      mixPixel(
        result.data,
        pixel * 4,
        blurred.data,
        ((y - window.y) * window.width + x - window.x) * 4,
        alpha[pixel]! / 255,
      );
    }
  });
  return result;
}

function prepareBlur(image: RgbaImage, mask: Mask, options: BlurOptions) {
  checkRgbaImage(image);
  checkMaskFits(mask, image);
  const feather = numberBetween("feather", options.feather, 0, 0, MAX_PIXELS);
  const usual = Math.max(1, Math.min(image.width, image.height) / 60);
  const deviation = numberBetween("blur", options.blur, usual, 0, MAX_PIXELS);
  return { alpha: alphaPlane(mask, coverageOf(mask, feather)), deviation, feather };
}

/**
 * Replaces the object's pixels by the mean of the block each lies in; blocks are counted from the picture's top left corner.
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError as `blurBackground`.
 */
export function pixelate(image: RgbaImage, mask: Mask, options: PixelateOptions = {}): RgbaImage {
  const result = copyToCanvas(image);
  checkMaskFits(mask, image);
  const usual = Math.max(2, Math.round(Math.min(image.width, image.height) / 32));
  const block = wholeNumberBetween("block", options.block, usual, 1, MAX_PIXELS);
  const columns = Math.ceil(image.width / block);
  const means = blockMeans(image, block, columns);
  const coverage = coverageOf(mask);
  forEachCoveredSpan(coverage, (y, start, end) => {
    const row = Math.floor(y / block) * columns;
    for (let x = start; x < end; x++) {
      const pixel = y * image.width + x;
      const share = coverage.kind === "soft" ? coverage.alpha[pixel]! / 255 : 1;
      mixPixel(result.data, pixel * 4, means, (row + Math.floor(x / block)) * 4, share);
    }
  });
  return result;
}

/** @returns Straight RGBA of each block, clear pixels lending no colour. */
function blockMeans(image: RgbaImage, block: number, columns: number): Uint8ClampedArray {
  const rows = Math.ceil(image.height / block);
  const sums = new Float64Array(columns * rows * 5);
  for (let y = 0, source = 0; y < image.height; y++) {
    const row = Math.floor(y / block) * columns;
    for (let x = 0; x < image.width; x++, source += 4) {
      const target = (row + Math.floor(x / block)) * 5;
      const alpha = image.data[source + 3]!;
      for (let channel = 0; channel < 3; channel++)
        sums[target + channel]! += image.data[source + channel]! * alpha;
      sums[target + 3]! += alpha;
      sums[target + 4]! += 1;
    }
  }
  const means = new Uint8ClampedArray(columns * rows * 4);
  for (let index = 0; index < columns * rows; index++) {
    const alpha = sums[index * 5 + 3]!;
    if (alpha === 0) continue;
    for (let channel = 0; channel < 3; channel++)
      means[index * 4 + channel] = sums[index * 5 + channel]! / alpha;
    means[index * 4 + 3] = alpha / sums[index * 5 + 4]!;
  }
  return means;
}

/**
 * Turns everything but the object grey, each pixel as light as it was (luminance of linear light).
 * @returns A new picture; `image` is not changed.
 * @throws MaskeryError as `blurBackground`.
 */
export function desaturateBackground(
  image: RgbaImage,
  mask: Mask,
  options: DesaturateOptions = {},
): RgbaImage {
  const result = copyToCanvas(image);
  checkMaskFits(mask, image);
  const amount = numberBetween("amount", options.amount, 1, 0, 1);
  const alpha = alphaPlane(
    mask,
    coverageOf(mask, numberBetween("feather", options.feather, 0, 0, MAX_PIXELS)),
  );
  const { data } = result;
  for (let pixel = 0, offset = 0; pixel < alpha.length; pixel++, offset += 4) {
    const share = amount * (1 - alpha[pixel]! / 255);
    if (share === 0) continue;
    const luminance =
      0.2126 * linearOfByte[data[offset]!]! +
      0.7152 * linearOfByte[data[offset + 1]!]! +
      0.0722 * linearOfByte[data[offset + 2]!]!;
    const gray = grayOfLuminance(luminance);
    for (let channel = 0; channel < 3; channel++) {
      data[offset + channel] = data[offset + channel]! + (gray - data[offset + channel]!) * share;
    }
  }
  return result;
}

const LUMINANCE_STEPS = 16384;
let grays: Float32Array | undefined;

function grayOfLuminance(luminance: number): number {
  grays ??= Float32Array.from({ length: LUMINANCE_STEPS + 1 }, (_, step) =>
    srgbOfLinear(step / LUMINANCE_STEPS),
  );
  return grays[Math.min(LUMINANCE_STEPS, (luminance * LUMINANCE_STEPS + 0.5) | 0)]!;
}

/** Moves one pixel towards another by a share 0..1, alpha included, in premultiplied colour. */
function mixPixel(
  target: Canvas["data"],
  offset: number,
  source: RgbaImage["data"],
  from: number,
  share: number,
): void {
  if (share === 0) return;
  const own = target[offset + 3]! * (1 - share);
  const other = source[from + 3]! * share;
  const alpha = own + other;
  if (alpha > 0) {
    const weight = other / alpha;
    for (let channel = 0; channel < 3; channel++) {
      target[offset + channel] =
        target[offset + channel]! + (source[from + channel]! - target[offset + channel]!) * weight;
    }
  }
  target[offset + 3] = alpha;
}
