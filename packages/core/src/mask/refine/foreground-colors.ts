import { invalidInput } from "../../errors.js";
import { checkRgbaImage, type GrayImage, type RgbaImage } from "../../image/rgba-image.js";
import type { PixelWindow } from "../window.js";

/** Keeps colours smooth where alpha is flat and says nothing about them. */
const BASE_SMOOTHNESS = 1e-5;
/** Smoothness for each unit of alpha that changes between two neighbours. */
const GRADIENT_SMOOTHNESS = 1;
/** Levels up to this side are small enough for many rounds. */
const SMALL_SIDE = 32;
const ROUNDS_SMALL = 10;
const ROUNDS_LARGE = 2;
/** Pixels around the soft region that may shape the estimate. */
const MARGIN = 32;

/**
 * The object's own colours without the halo of what stood behind it: where alpha is partial, a pixel is a blend of
 * foreground and background, and this takes the foreground out of the blend. Minimises
 * `(αF + (1 − α)B − I)² + Σ (ε + ω|∇α|)(|∇F|² + |∇B|²)` from coarse to fine, a few Gauss–Seidel rounds a level.
 * Source of the method: Germer, Uelwer, Conrad and Harmeling, "Fast Multi-Level Foreground Estimation" (ICPR 2020).
 * @returns A new picture: colours where alpha is between 0 and 255 replaced, others and the picture's own alpha channel as
 * they were. Compose it with `alpha`.
 * @throws MaskeryError `INVALID_INPUT` when the sizes differ.
 */
export function decontaminate(image: RgbaImage, alpha: GrayImage): RgbaImage {
  checkRgbaImage(image);
  if (
    alpha.width !== image.width ||
    alpha.height !== image.height ||
    alpha.gray.length !== image.width * image.height
  ) {
    throw invalidInput(
      "alpha",
      `an alpha plane of ${image.width} × ${image.height}`,
      `${alpha.width} × ${alpha.height}`,
    );
  }
  const data = new Uint8ClampedArray(image.data);
  const result = { width: image.width, height: image.height, data };
  const window = softWindow(alpha);
  if (!window) return result;
  const foreground = estimateForeground(cutLevel(image, alpha, window));
  for (let row = 0, source = 0; row < window.height; row++) {
    for (let column = 0; column < window.width; column++, source++) {
      const pixel = (window.y + row) * image.width + window.x + column;
      const coverage = alpha.gray[pixel]!;
      if (coverage === 0 || coverage === 255) continue;
      for (let channel = 0; channel < 3; channel++) {
        data[pixel * 4 + channel] = foreground[source * 3 + channel]! * 255;
      }
    }
  }
  return result;
}

/** Colours 0..1 `[height, width, 3]` and alpha 0..1 `[height, width]`. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly colors: Float32Array;
  readonly alpha: Float32Array;
}

/** The box around all partial alpha with a margin; undefined when every pixel is sure. */
function softWindow({ gray, width, height }: GrayImage): PixelWindow | undefined {
  let minX = width;
  let maxX = -1;
  let minY = -1;
  let maxY = -1;
  for (let y = 0, pixel = 0; y < height; y++) {
    for (let x = 0; x < width; x++, pixel++) {
      const value = gray[pixel]!;
      if (value === 0 || value === 255) continue;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (minY < 0) minY = y;
      maxY = y;
    }
  }
  if (maxX < 0) return undefined;
  const x = Math.max(0, minX - MARGIN);
  const y = Math.max(0, minY - MARGIN);
  return {
    x,
    y,
    width: Math.min(width, maxX + MARGIN + 1) - x,
    height: Math.min(height, maxY + MARGIN + 1) - y,
  };
}

function cutLevel(image: RgbaImage, alpha: GrayImage, window: PixelWindow): Level {
  const pixels = window.width * window.height;
  const level = {
    width: window.width,
    height: window.height,
    colors: new Float32Array(pixels * 3),
    alpha: new Float32Array(pixels),
  };
  for (let row = 0, target = 0; row < window.height; row++) {
    let source = (window.y + row) * image.width + window.x;
    for (let column = 0; column < window.width; column++, source++, target++) {
      level.alpha[target] = alpha.gray[source]! / 255;
      for (let channel = 0; channel < 3; channel++) {
        level.colors[target * 3 + channel] = image.data[source * 4 + channel]! / 255;
      }
    }
  }
  return level;
}

/** @returns Foreground colours 0..1, `[height, width, 3]`. */
function estimateForeground(full: Level): Float32Array {
  const levels = Math.ceil(Math.log2(Math.max(full.width, full.height)));
  let foreground: Float32Array = meanColor(full, (alpha) => alpha);
  let background: Float32Array = meanColor(full, (alpha) => 1 - alpha);
  let width = 1;
  let height = 1;
  for (let step = 0; step <= levels; step++) {
    const nextWidth = step === levels ? full.width : Math.max(1, Math.round(full.width ** (step / levels)));
    const nextHeight =
      step === levels ? full.height : Math.max(1, Math.round(full.height ** (step / levels)));
    const level =
      nextWidth === full.width && nextHeight === full.height
        ? full
        : resizeLevel(full, nextWidth, nextHeight);
    foreground = resizeNearest(foreground, width, height, nextWidth, nextHeight);
    background = resizeNearest(background, width, height, nextWidth, nextHeight);
    width = nextWidth;
    height = nextHeight;
    const rounds = Math.max(width, height) <= SMALL_SIDE ? ROUNDS_SMALL : ROUNDS_LARGE;
    for (let round = 0; round < rounds; round++) relax(level, foreground, background);
  }
  return foreground;
}

function meanColor({ colors, alpha }: Level, weightOf: (alpha: number) => number): Float32Array {
  const sum = [0, 0, 0];
  let total = 1e-9;
  for (let pixel = 0; pixel < alpha.length; pixel++) {
    const weight = weightOf(alpha[pixel]!);
    total += weight;
    for (let channel = 0; channel < 3; channel++) sum[channel]! += weight * colors[pixel * 3 + channel]!;
  }
  return Float32Array.from(sum, (value) => value / total);
}

/** One round: for each pixel the two colours that fit the blend and the four neighbours best, a 2 × 2 system. */
function relax(
  { width, height, colors, alpha }: Level,
  foreground: Float32Array,
  background: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const a = alpha[pixel]!;
      const b = 1 - a;
      const left = x > 0 ? pixel - 1 : pixel;
      const right = x + 1 < width ? pixel + 1 : pixel;
      const up = y > 0 ? pixel - width : pixel;
      const down = y + 1 < height ? pixel + width : pixel;
      const leftWeight = BASE_SMOOTHNESS + GRADIENT_SMOOTHNESS * Math.abs(a - alpha[left]!);
      const rightWeight = BASE_SMOOTHNESS + GRADIENT_SMOOTHNESS * Math.abs(a - alpha[right]!);
      const upWeight = BASE_SMOOTHNESS + GRADIENT_SMOOTHNESS * Math.abs(a - alpha[up]!);
      const downWeight = BASE_SMOOTHNESS + GRADIENT_SMOOTHNESS * Math.abs(a - alpha[down]!);
      const weights = leftWeight + rightWeight + upWeight + downWeight;
      const a00 = a * a + weights;
      const a01 = a * b;
      const a11 = b * b + weights;
      const scale = 1 / (a00 * a11 - a01 * a01);
      for (let channel = 0; channel < 3; channel++) {
        const color = colors[pixel * 3 + channel]!;
        const l = left * 3 + channel;
        const r = right * 3 + channel;
        const u = up * 3 + channel;
        const d = down * 3 + channel;
        const f =
          a * color +
          leftWeight * foreground[l]! +
          rightWeight * foreground[r]! +
          upWeight * foreground[u]! +
          downWeight * foreground[d]!;
        const g =
          b * color +
          leftWeight * background[l]! +
          rightWeight * background[r]! +
          upWeight * background[u]! +
          downWeight * background[d]!;
        foreground[pixel * 3 + channel] = clampUnit((a11 * f - a01 * g) * scale);
        background[pixel * 3 + channel] = clampUnit((a00 * g - a01 * f) * scale);
      }
    }
  }
}

function clampUnit(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function resizeLevel(level: Level, width: number, height: number): Level {
  return {
    width,
    height,
    colors: resizeNearest(level.colors, level.width, level.height, width, height),
    alpha: resizeNearest(level.alpha, level.width, level.height, width, height, 1),
  };
}

function resizeNearest(
  source: Float32Array,
  width: number,
  height: number,
  newWidth: number,
  newHeight: number,
  channels = 3,
): Float32Array {
  const result = new Float32Array(newWidth * newHeight * channels);
  for (let y = 0, target = 0; y < newHeight; y++) {
    const row = Math.floor(((y + 0.5) * height) / newHeight) * width;
    for (let x = 0; x < newWidth; x++) {
      const pixel = (row + Math.floor(((x + 0.5) * width) / newWidth)) * channels;
      for (let channel = 0; channel < channels; channel++) result[target++] = source[pixel + channel]!;
    }
  }
  return result;
}
