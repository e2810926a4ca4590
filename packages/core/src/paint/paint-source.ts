import type { Rgba } from "./color.js";
import {
  blueLight,
  greenLight,
  LIGHT_SHIFT,
  LIGHTNESS_STEPS,
  lightnessStep,
  linearOfByte,
  redLight,
  srgbOfLinear,
  stepOfLight,
} from "./oklab.js";
import type { LayerPlan } from "./paint-layer.js";
import { copyAsWords, nearestByte, type PictureWords, packWord } from "./pixel-words.js";
import { resizeImage } from "./resize-image.js";
import { shadedColor } from "./shaded-painter.js";
import { type RegionLook, shadedLightness } from "./shading.js";

/**
 * Writes the paint of a stretch of row `y` as words (`packWord`), the first pixel at index 0. It gets the same buffer for
 * all stretches of a layer.
 */
export type PaintSource = (y: number, start: number, end: number, paint: Int32Array) => void;

/**
 * The paint of a layer before it meets the picture.
 * @param look - The region's look where its shading is to be kept.
 */
export function paintSource(
  plan: LayerPlan,
  picture: PictureWords,
  look: RegionLook | undefined,
): PaintSource {
  const strength = look ? plan.keepShading : 0;
  const { fill } = plan;
  if (fill.kind === "color") {
    return look && strength > 0 ? shadedColor(fill.color, picture, look, strength) : plainColor(fill.color);
  }
  const source = fill.kind === "gradient" ? fill.paint.fill : patternSource(fill);
  if (!look || strength === 0) return source;
  const colors = fill.kind === "gradient" ? fill.paint.ramp : copyAsWords(fill.image);
  return shadedSource(source, meanLightness(colors), picture, look, strength);
}

function plainColor({ red, green, blue, alpha }: Rgba): PaintSource {
  const word = packWord(red, green, blue, nearestByte(alpha * 255));
  let filled: Int32Array | undefined;
  return (_y, _start, _end, paint) => {
    // The buffer is the same for a whole layer, so it is filled once.
    if (filled === paint) return;
    paint.fill(word);
    filled = paint;
  };
}

function patternSource(fill: Extract<LayerPlan["fill"], { kind: "pattern" }>): PaintSource {
  const width = Math.max(1, Math.round(fill.image.width * fill.scale));
  const height = Math.max(1, Math.round(fill.image.height * fill.scale));
  const tile = copyAsWords(fill.scale === 1 ? fill.image : resizeImage(fill.image, width, height));
  const wrap = (position: number, length: number): number => ((position % length) + length) % length;
  const offsetX = Math.round(fill.offsetX);
  const offsetY = Math.round(fill.offsetY);
  return (y, start, end, paint) => {
    const repeated = tile;
    const row = wrap(y - offsetY, height) * width;
    let column = wrap(start - offsetX, width);
    for (let target = 0; target < end - start; target++) {
      paint[target] = repeated[row + column]!;
      if (++column === width) column = 0;
    }
  };
}

const LINEAR_STEPS = 16384;
let bytesOfLinear: Float32Array | undefined;

/**
 * Paint of many colours under the light of the wall: each colour times the ratio of light that paint of their mean
 * lightness would get. What becomes brighter than white gives up chroma.
 */
function shadedSource(
  source: PaintSource,
  paintLightness: number,
  picture: PictureWords,
  look: RegionLook,
  strength: number,
): PaintSource {
  const middle = shadedLightness(look.lightness, look.lightness, paintLightness);
  const gain = Float32Array.from({ length: LIGHTNESS_STEPS + 1 }, (_, step) => {
    return (shadedLightness(step / LIGHTNESS_STEPS, look.lightness, paintLightness) / middle) ** 3;
  });
  bytesOfLinear ??= Float32Array.from({ length: LINEAR_STEPS + 1 }, (_, step) =>
    srgbOfLinear(step / LINEAR_STEPS),
  );
  const toByte = bytesOfLinear;
  const { words, width } = picture;
  return (y, start, end, paint) => {
    source(y, start, end, paint);
    // Own names save a look into the module for each pixel.
    const [reds, greens, blues, steps, linear] = [redLight, greenLight, blueLight, stepOfLight, linearOfByte];
    const [gains, bytes, wallWords] = [gain, toByte, words];
    for (let backdrop = y * width + start, target = 0; target < end - start; target++, backdrop++) {
      const wall = wallWords[backdrop]!;
      const flat = paint[target]!;
      const light =
        gains[
          steps[
            (reds[wall & 255]! + greens[(wall >>> 8) & 255]! + blues[(wall >>> 16) & 255]!) >> LIGHT_SHIFT
          ]!
        ]!;
      const flatRed = flat & 255;
      const flatGreen = (flat >>> 8) & 255;
      const flatBlue = (flat >>> 16) & 255;
      let red = linear[flatRed]! * light;
      let green = linear[flatGreen]! * light;
      let blue = linear[flatBlue]! * light;
      // Plain comparisons: Math.max also orders zeros and NaN, which costs time in this loop.
      let most = red > green ? red : green;
      if (blue > most) most = blue;
      if (most > 1) {
        const luminance = Math.min(1, 0.2126 * red + 0.7152 * green + 0.0722 * blue);
        const kept = most > luminance ? (1 - luminance) / (most - luminance) : 0;
        red = luminance + (red - luminance) * kept;
        green = luminance + (green - luminance) * kept;
        blue = luminance + (blue - luminance) * kept;
      }
      paint[target] =
        nearestByte(flatRed + (bytes[(red * LINEAR_STEPS + 0.5) | 0]! - flatRed) * strength) |
        0 |
        (nearestByte(flatGreen + (bytes[(green * LINEAR_STEPS + 0.5) | 0]! - flatGreen) * strength) << 8) |
        (nearestByte(flatBlue + (bytes[(blue * LINEAR_STEPS + 0.5) | 0]! - flatBlue) * strength) << 16) |
        ((flat >>> 24) << 24);
    }
  };
}

/** Mean OKLab lightness of pixels, weighted by alpha; large pictures are sampled. */
function meanLightness(words: Int32Array): number {
  const step = Math.max(1, Math.floor(words.length / 10_000));
  let sum = 0;
  let weight = 0;
  for (let index = 0; index < words.length; index += step) {
    const word = words[index]!;
    const alpha = word >>> 24;
    sum += (lightnessStep(word & 255, (word >>> 8) & 255, (word >>> 16) & 255) / LIGHTNESS_STEPS) * alpha;
    weight += alpha;
  }
  return weight > 0 ? sum / weight : 0.5;
}
