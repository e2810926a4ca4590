import type { Rgba } from "./color.js";
import type { MixTable } from "./composite.js";
import { blueLight, greenLight, LIGHT_SHIFT, redLight, stepOfLight } from "./oklab.js";
import type { PaintSource } from "./paint-source.js";
import type { PictureWords } from "./pixel-words.js";
import { nearestByte } from "./pixel-words.js";
import { type RegionLook, shadedPaint } from "./shading.js";
import type { SpanPainter } from "./span-painter.js";

/** Whole numbers with so many bits after the point, so that the loops need no fractions. */
const BITS = 14;

/** The shaded colours as `shadedPaint` gives them, in whole numbers of `2^-BITS`, a half added for rounding. */
function inWholeNumbers(color: Rgba, look: RegionLook, strength: number) {
  const { ramp, tint } = shadedPaint(color, look, strength);
  const whole = new Int32Array(ramp.length);
  for (let index = 0; index < ramp.length; index++)
    whole[index] = Math.round((ramp[index]! + 0.5) * (1 << BITS));
  return { ramp: whole, tint: Math.round(tint * (1 << BITS)) };
}

/** One colour under the light of the wall, laid on solid pixels in a mode that treats each channel alone. */
export function shadedPainter(color: Rgba, look: RegionLook, strength: number, table: MixTable): SpanPainter {
  const shaded = inWholeNumbers(color, look, strength);
  return (words, start, end) => {
    // Own names save a look into the module for each pixel.
    const { ramp, tint } = shaded;
    const reds = redLight;
    const greens = greenLight;
    const blues = blueLight;
    const steps = stepOfLight;
    const mixed = table;
    for (let pixel = start; pixel < end; pixel++) {
      const under = words[pixel]!;
      if (under >>> 24 !== 255) return pixel;
      const red = under & 255;
      const green = (under >>> 8) & 255;
      const blue = (under >>> 16) & 255;
      const step = Math.imul(steps[(reds[red]! + greens[green]! + blues[blue]!) >> LIGHT_SHIFT]!, 3);
      const paintRed = clamped((ramp[step]! + Math.imul(red, tint)) >> BITS);
      const paintGreen = clamped((ramp[step + 1]! + Math.imul(green, tint)) >> BITS);
      const paintBlue = clamped((ramp[step + 2]! + Math.imul(blue, tint)) >> BITS);
      words[pixel] =
        mixed[(paintRed << 8) | red]! |
        (mixed[(paintGreen << 8) | green]! << 8) |
        (mixed[(paintBlue << 8) | blue]! << 16) |
        (255 << 24);
    }
    return end;
  };
}

/** A whole number within 0..255, without a branch: texture makes it jump, and a wrong guess costs more than the sum. */
function clamped(value: number): number {
  const positive = value & ~(value >> 31);
  return (positive | ((255 - positive) >> 31)) & 255;
}

/** The same paint before it meets the picture. */
export function shadedColor(
  color: Rgba,
  { words: picture, width }: PictureWords,
  look: RegionLook,
  strength: number,
): PaintSource {
  const shaded = inWholeNumbers(color, look, strength);
  const alpha = nearestByte(color.alpha * 255) << 24;
  return (y, start, end, paint) => {
    const { ramp, tint } = shaded;
    const words = picture;
    const reds = redLight;
    const greens = greenLight;
    const blues = blueLight;
    const steps = stepOfLight;
    for (let source = y * width + start, target = 0; target < end - start; target++, source++) {
      const word = words[source]!;
      const red = word & 255;
      const green = (word >>> 8) & 255;
      const blue = (word >>> 16) & 255;
      const step = Math.imul(steps[(reds[red]! + greens[green]! + blues[blue]!) >> LIGHT_SHIFT]!, 3);
      paint[target] =
        clamped((ramp[step]! + Math.imul(red, tint)) >> BITS) |
        (clamped((ramp[step + 1]! + Math.imul(green, tint)) >> BITS) << 8) |
        (clamped((ramp[step + 2]! + Math.imul(blue, tint)) >> BITS) << 16) |
        alpha;
    }
  };
}
