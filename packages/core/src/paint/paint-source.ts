import type { Rgba } from "./color.js";
import { GRADIENT_STEPS, type GradientPaint } from "./gradient.js";
import {
  blueLight,
  greenLight,
  LIGHT_SHIFT,
  LIGHTNESS_STEPS,
  lightnessStep,
  linearOfByte,
  oklabOfBytes,
  redLight,
  srgbOfLinear,
  stepOfLight,
} from "./oklab.js";
import type { LayerPlan } from "./paint-layer.js";
import type { Canvas } from "./pixels.js";
import { resizeImage } from "./resize-image.js";
import { type RegionLook, shadedLightness, shadedRamp, TINT_SHARE, wallRamp } from "./shading.js";

/** Writes the paint of a stretch of row `y` as RGBA, the first pixel at index 0. */
export type PaintSource = (y: number, start: number, end: number, paint: Uint8ClampedArray) => void;

/**
 * The paint of a layer before it meets the picture.
 * @param look - The region's look where its shading is to be kept.
 */
export function paintSource(plan: LayerPlan, canvas: Canvas, look: RegionLook | undefined): PaintSource {
  const strength = look ? plan.keepShading : 0;
  const { fill } = plan;
  if (fill.kind === "color") {
    return look && strength > 0 ? shadedColor(fill.color, canvas, look, strength) : plainColor(fill.color);
  }
  const source = fill.kind === "gradient" ? gradientSource(fill.paint) : patternSource(fill);
  if (!look || strength === 0) return source;
  const paintLightness =
    fill.kind === "gradient" ? meanLightness(fill.paint.ramp) : meanLightness(fill.image.data);
  return shadedSource(source, paintLightness, canvas, look, strength);
}

function plainColor({ red, green, blue, alpha }: Rgba): PaintSource {
  let filled = 0;
  let buffer: Uint8ClampedArray | undefined;
  return (_y, start, end, paint) => {
    // The buffer is the same for a whole layer, so it is filled once, as far as the longest stretch.
    if (buffer !== paint) filled = 0;
    buffer = paint;
    for (; filled < end - start; filled++) {
      paint[filled * 4] = red;
      paint[filled * 4 + 1] = green;
      paint[filled * 4 + 2] = blue;
      paint[filled * 4 + 3] = alpha * 255;
    }
  };
}

/** A ramp over the wall's lightness, plus a share of what the wall's pixel differs from a wall of one colour. */
function shadedColor(color: Rgba, canvas: Canvas, look: RegionLook, strength: number): PaintSource {
  const own = oklabOfBytes(color.red, color.green, color.blue);
  const ramp = shadedRamp(own, look, strength, [color.red, color.green, color.blue]);
  const tint = TINT_SHARE * strength * Math.min(1, own.lightness / Math.max(0.05, look.lightness));
  const wall = wallRamp(look);
  for (let index = 0; index < ramp.length; index++) ramp[index]! -= wall[index]! * tint;
  const alpha = color.alpha * 255;
  const { data } = canvas;
  return (y, start, end, paint) => {
    let source = (y * canvas.width + start) * 4;
    for (let target = 0; target < (end - start) * 4; target += 4, source += 4) {
      const red = data[source]!;
      const green = data[source + 1]!;
      const blue = data[source + 2]!;
      const step = stepOfLight[(redLight[red]! + greenLight[green]! + blueLight[blue]!) >> LIGHT_SHIFT]! * 3;
      paint[target] = ramp[step]! + red * tint;
      paint[target + 1] = ramp[step + 1]! + green * tint;
      paint[target + 2] = ramp[step + 2]! + blue * tint;
      paint[target + 3] = alpha;
    }
  };
}

function gradientSource({ ramp, positionAt }: GradientPaint): PaintSource {
  return (y, start, end, paint) => {
    for (let x = start, target = 0; x < end; x++, target += 4) {
      const position = positionAt(x, y);
      const step = Math.round((position < 0 ? 0 : position > 1 ? 1 : position) * GRADIENT_STEPS) * 4;
      paint[target] = ramp[step]!;
      paint[target + 1] = ramp[step + 1]!;
      paint[target + 2] = ramp[step + 2]!;
      paint[target + 3] = ramp[step + 3]!;
    }
  };
}

function patternSource(fill: Extract<LayerPlan["fill"], { kind: "pattern" }>): PaintSource {
  const width = Math.max(1, Math.round(fill.image.width * fill.scale));
  const height = Math.max(1, Math.round(fill.image.height * fill.scale));
  const tile = fill.scale === 1 ? fill.image : resizeImage(fill.image, width, height);
  const wrap = (position: number, length: number): number => ((position % length) + length) % length;
  const offsetX = Math.round(fill.offsetX);
  const offsetY = Math.round(fill.offsetY);
  return (y, start, end, paint) => {
    const row = wrap(y - offsetY, height) * width;
    let column = wrap(start - offsetX, width);
    for (let target = 0; target < (end - start) * 4; target += 4) {
      const source = (row + column) * 4;
      paint[target] = tile.data[source]!;
      paint[target + 1] = tile.data[source + 1]!;
      paint[target + 2] = tile.data[source + 2]!;
      paint[target + 3] = tile.data[source + 3]!;
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
  canvas: Canvas,
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
  const { data } = canvas;
  return (y, start, end, paint) => {
    source(y, start, end, paint);
    let backdrop = (y * canvas.width + start) * 4;
    for (let target = 0; target < (end - start) * 4; target += 4, backdrop += 4) {
      const light = gain[lightnessStep(data[backdrop]!, data[backdrop + 1]!, data[backdrop + 2]!)]!;
      let red = linearOfByte[paint[target]!]! * light;
      let green = linearOfByte[paint[target + 1]!]! * light;
      let blue = linearOfByte[paint[target + 2]!]! * light;
      const most = Math.max(red, green, blue);
      if (most > 1) {
        const luminance = Math.min(1, 0.2126 * red + 0.7152 * green + 0.0722 * blue);
        const kept = most > luminance ? (1 - luminance) / (most - luminance) : 0;
        red = luminance + (red - luminance) * kept;
        green = luminance + (green - luminance) * kept;
        blue = luminance + (blue - luminance) * kept;
      }
      const flatRed = paint[target]!;
      const flatGreen = paint[target + 1]!;
      const flatBlue = paint[target + 2]!;
      paint[target] = flatRed + (toByte[(red * LINEAR_STEPS + 0.5) | 0]! - flatRed) * strength;
      paint[target + 1] = flatGreen + (toByte[(green * LINEAR_STEPS + 0.5) | 0]! - flatGreen) * strength;
      paint[target + 2] = flatBlue + (toByte[(blue * LINEAR_STEPS + 0.5) | 0]! - flatBlue) * strength;
    }
  };
}

/** Mean OKLab lightness of RGBA bytes, weighted by alpha; large pictures are sampled. */
function meanLightness(data: Uint8Array | Uint8ClampedArray): number {
  const step = Math.max(1, Math.floor(data.length / 4 / 10_000)) * 4;
  let sum = 0;
  let weight = 0;
  for (let offset = 0; offset < data.length; offset += step) {
    sum +=
      (lightnessStep(data[offset]!, data[offset + 1]!, data[offset + 2]!) / LIGHTNESS_STEPS) *
      data[offset + 3]!;
    weight += data[offset + 3]!;
  }
  return weight > 0 ? sum / weight : 0.5;
}
