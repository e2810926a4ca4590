import { type Coverage, forEachCoveredSpan } from "./coverage.js";
import { LIGHTNESS_STEPS, lightnessStep, type Oklab, oklabOfBytes, srgbOfOklab } from "./oklab.js";
import type { PictureWords } from "./pixel-words.js";

/** What a region looks like before it is painted. */
export interface RegionLook {
  /** Median OKLab lightness 0..1. */
  readonly lightness: number;
  /** The colour of the medians of the channels, and its own lightness. */
  readonly color: Oklab;
  readonly colorLightness: number;
}

/** Pixels that the medians look at; they are spread evenly. */
const MAX_SAMPLES = 40_000;

/**
 * Paint is never quite black or white: real black paint reflects a little, real white paint leaves room for highlights.
 * Without this a black wall would lose its texture altogether.
 */
const DARKEST_PAINT = 0.14;
const LIGHTEST_PAINT = 0.965;

/** Walls darker than this have no usable ratio of light. */
const DARKEST_WALL = 0.05;

/**
 * The contrast of shading, as an exponent on the ratio of light, grows when a light wall becomes dark (dark paint shows
 * its sheen) and shrinks when a dark wall becomes light (noise in the dark is not texture).
 */
const CONTRAST_POWER = 0.3;
const LEAST_CONTRAST = 0.6;
const MOST_CONTRAST = 1.5;

/** Where a wall that is not light itself is almost white, that is gloss, and gloss has the colour of the light. */
const GLOSS_FROM = 0.93;
const GLOSS_SHARE = 0.7;

/** Share of the wall's own colour variation that shows through new paint: the tint of the light, not of the old paint. */
const TINT_SHARE = 0.25;

/** Measures the pixels that a layer mostly covers. Undefined when there are none, or all are clear. */
export function lookOfRegion({ words, width }: PictureWords, coverage: Coverage): RegionLook | undefined {
  const step = Math.max(1, Math.floor((coverage.window.width * coverage.window.height) / MAX_SAMPLES));
  const lightness = new Uint32Array(LIGHTNESS_STEPS + 1);
  const channels = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;
  let samples = 0;
  let untilNext = 0;
  forEachCoveredSpan(coverage, (y, start, end) => {
    const row = y * width;
    let x = start + untilNext;
    for (; x < end; x += step) {
      const word = words[row + x]!;
      if (word >>> 24 === 0 || (coverage.kind === "soft" && coverage.alpha[row + x]! < 128)) continue;
      samples++;
      const red = word & 255;
      const green = (word >>> 8) & 255;
      const blue = (word >>> 16) & 255;
      lightness[lightnessStep(red, green, blue)]!++;
      channels[0][red]!++;
      channels[1][green]!++;
      channels[2][blue]!++;
    }
    untilNext = x - end;
  });
  if (samples === 0) return undefined;
  const [red, green, blue] = channels.map((counts) => medianOf(counts, samples)) as [number, number, number];
  return {
    lightness: medianOf(lightness, samples) / LIGHTNESS_STEPS,
    color: oklabOfBytes(red, green, blue),
    colorLightness: lightnessStep(red, green, blue) / LIGHTNESS_STEPS,
  };
}

function medianOf(counts: Uint32Array, samples: number): number {
  let value = 0;
  for (let seen = counts[0]!; seen * 2 < samples; seen += counts[value]!) value++;
  return value;
}

/**
 * The lightness that new paint has where the wall had another one. The median of the wall becomes the lightness of the
 * paint. Around it the ratio of light is kept (a ratio of OKLab lightness is the cube root of a ratio of linear light),
 * the upper end bends so that nothing is clipped, black stays black, and gloss stays gloss. Rises with `wall`.
 */
export function shadedLightness(wall: number, medianWall: number, paint: number): number {
  const median = Math.max(DARKEST_WALL, medianWall);
  const target = Math.min(LIGHTEST_PAINT, Math.max(DARKEST_PAINT, paint));
  const contrast = Math.min(MOST_CONTRAST, Math.max(LEAST_CONTRAST, (median / target) ** CONTRAST_POWER));
  const naive = target * (wall / median) ** contrast;
  let shaded = naive;
  if (naive > target) {
    const rise = naive - target;
    const room = 1 - target;
    shaded = target + rise / Math.sqrt(1 + (rise / room) ** 2);
  }
  const gloss = glossOf(wall, median);
  return shaded + (Math.max(shaded, wall) - shaded) * gloss;
}

/** 0..1: how much of a pixel's light is gloss. None on walls that are light themselves. */
function glossOf(wall: number, median: number): number {
  const share = Math.min(1, Math.max(0, (wall - GLOSS_FROM) / (1 - GLOSS_FROM)));
  const darkEnough = Math.min(1, Math.max(0, (0.72 - median) / 0.2));
  return GLOSS_SHARE * darkEnough * share * share * (3 - 2 * share);
}

/** Colours are worked out at every so many steps of a ramp and joined by straight lines. */
const STEPS_PER_KNOT = 8;

/** @returns `[LIGHTNESS_STEPS + 1, 3]`. */
function rampThrough(colorAt: (wall: number) => readonly [number, number, number]): Float32Array {
  const ramp = new Float32Array((LIGHTNESS_STEPS + 1) * 3);
  let before = colorAt(0);
  ramp.set(before);
  for (let knot = STEPS_PER_KNOT; knot <= LIGHTNESS_STEPS; knot += STEPS_PER_KNOT) {
    const color = colorAt(knot / LIGHTNESS_STEPS);
    for (let step = 1; step <= STEPS_PER_KNOT; step++) {
      const target = (knot - STEPS_PER_KNOT + step) * 3;
      for (let channel = 0; channel < 3; channel++) {
        ramp[target + channel] =
          before[channel]! + ((color[channel]! - before[channel]!) * step) / STEPS_PER_KNOT;
      }
    }
    before = color;
  }
  return ramp;
}

/**
 * The colours of paint under every light of a wall: sRGB bytes (not rounded) for each wall lightness 0..1 in `LIGHTNESS_STEPS`
 * steps. Hue is the paint's; chroma falls and rises with lightness as under real light, and gives way to gloss.
 * @param flat - Colour without shading, 0..255 each, which `1 - strength` of the result is.
 * @returns `[LIGHTNESS_STEPS + 1, 3]`.
 */
function shadedRamp(
  paint: Oklab,
  look: RegionLook,
  strength: number,
  flat: readonly [number, number, number],
): Float32Array {
  return rampThrough((wall) => {
    const lightness = shadedLightness(wall, look.lightness, paint.lightness);
    const chroma =
      (lightness / Math.max(DARKEST_PAINT, paint.lightness)) * (1 - glossOf(wall, look.lightness));
    const [red, green, blue] = srgbOfOklab({ lightness, a: paint.a * chroma, b: paint.b * chroma });
    return [
      flat[0] + (red - flat[0]) * strength,
      flat[1] + (green - flat[1]) * strength,
      flat[2] + (blue - flat[2]) * strength,
    ];
  });
}

/** The colours that a wall of one colour would have under every light; what a pixel differs from it is its tint. */
function wallRamp(look: RegionLook): Float32Array {
  const { lightness, a, b } = look.color;
  return rampThrough((wall) => {
    // Linear light times a number is all of OKLab times its cube root.
    const ratio = wall / Math.max(DARKEST_WALL, look.colorLightness);
    return srgbOfOklab({ lightness: lightness * ratio, a: a * ratio, b: b * ratio });
  });
}

/**
 * The colour of paint on the pixel of a wall: `ramp` at the wall's lightness, plus `tint` times the wall's own bytes. That
 * is the paint under the wall's light, plus a share of what the pixel differs from a wall of one colour.
 */
export interface ShadedPaint {
  /** `[LIGHTNESS_STEPS + 1, 3]`, sRGB 0..255 not rounded and not clamped. */
  readonly ramp: Float32Array;
  readonly tint: number;
}

export function shadedPaint(
  { red, green, blue }: { readonly red: number; readonly green: number; readonly blue: number },
  look: RegionLook,
  strength: number,
): ShadedPaint {
  const own = oklabOfBytes(red, green, blue);
  const ramp = shadedRamp(own, look, strength, [red, green, blue]);
  const tint = TINT_SHARE * strength * Math.min(1, own.lightness / Math.max(DARKEST_WALL, look.lightness));
  const wall = wallRamp(look);
  for (let index = 0; index < ramp.length; index++) ramp[index]! -= wall[index]! * tint;
  return { ramp, tint };
}
