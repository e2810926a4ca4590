import { invalidInput } from "../errors.js";
import type { BoundingBox } from "../mask/runs.js";
import { numberBetween } from "../number-between.js";
import { parseColor } from "./color.js";
import { linearOfOklab, type Oklab, oklabOfBytes, srgbOfLinear } from "./oklab.js";
import { nearestByte, packWord } from "./pixel-words.js";

/** One colour of a gradient. */
export interface GradientStop {
  /** Place from the beginning (0) to the end (1); a list of stops must not go back. */
  readonly at: number;
  /** CSS colour. */
  readonly color: string;
}

/** Colours along a line across the mask's box, as CSS's `linear-gradient` lays it. */
export interface LinearGradient {
  readonly type: "linear";
  /** Direction in degrees, as in CSS: 0 towards the top, 90 towards the right. Default 180: from top to bottom. */
  readonly angle?: number | undefined;
  readonly stops: readonly GradientStop[];
}

/** Colours from a point outwards. */
export interface RadialGradient {
  readonly type: "radial";
  /** Where it begins, as shares of the mask's box. Default the middle: 0.5, 0.5. */
  readonly center?: { readonly x: number; readonly y: number } | undefined;
  /** Where it ends, as a share of the way from the centre to the farthest corner of the box. Default 1. */
  readonly radius?: number | undefined;
  readonly stops: readonly GradientStop[];
}

/** Colours are mixed in OKLab, with alpha taken into account, so that no step looks muddy or sudden. */
export type Gradient = LinearGradient | RadialGradient;

/** Gives the paint of any pixel. */
export interface GradientPaint {
  /** Words (`packWord`) by step, `GRADIENT_STEPS + 1` of them. */
  readonly ramp: Int32Array;
  /** Writes the paint of a stretch of row `y`, the first pixel at index 0: each pixel has the colour at its centre. */
  readonly fill: (y: number, start: number, end: number, paint: Int32Array) => void;
}

const GRADIENT_STEPS = 1024;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function planGradient(gradient: Gradient, box: BoundingBox, field = "gradient"): GradientPaint {
  if (typeof gradient !== "object" || gradient === null)
    throw invalidInput(field, 'an object with a type "linear" or "radial"', gradient);
  const ramp = rampOf(gradient.stops, `${field}.stops`);
  if (gradient.type === "linear") return { ramp, fill: linearFill(gradient, ramp, box, field) };
  if (gradient.type === "radial") return { ramp, fill: radialFill(gradient, ramp, box, field) };
  throw invalidInput(`${field}.type`, '"linear" or "radial"', (gradient as { type?: unknown }).type);
}

function linearFill(
  gradient: LinearGradient,
  ramp: Int32Array,
  box: BoundingBox,
  field: string,
): GradientPaint["fill"] {
  const radians = (numberBetween(`${field}.angle`, gradient.angle, 180, -36_000, 36_000) * Math.PI) / 180;
  const directionX = Math.sin(radians);
  const directionY = -Math.cos(radians);
  const length = Math.max(1e-6, Math.abs(box.width * directionX) + Math.abs(box.height * directionY));
  const centreX = box.x + box.width / 2;
  const centreY = box.y + box.height / 2;
  const stepsPerColumn = (directionX / length) * GRADIENT_STEPS;
  const stepsPerRow = (directionY / length) * GRADIENT_STEPS;
  return (y, start, end, paint) => {
    const colors = ramp;
    // Half a step more turns cutting off into rounding.
    const atCentre = (y + 0.5 - centreY) * stepsPerRow + GRADIENT_STEPS / 2 + 0.5;
    for (let x = start, target = 0; x < end; x++, target++) {
      const step = atCentre + (x + 0.5 - centreX) * stepsPerColumn;
      paint[target] = colors[step < 0 ? 0 : step > GRADIENT_STEPS ? GRADIENT_STEPS : step | 0]!;
    }
  };
}

function radialFill(
  gradient: RadialGradient,
  ramp: Int32Array,
  box: BoundingBox,
  field: string,
): GradientPaint["fill"] {
  const share = numberBetween(`${field}.radius`, gradient.radius, 1, 1e-6, 1e6);
  const centreX = box.x + box.width * numberBetween(`${field}.center.x`, gradient.center?.x, 0.5, -1e6, 1e6);
  const centreY = box.y + box.height * numberBetween(`${field}.center.y`, gradient.center?.y, 0.5, -1e6, 1e6);
  const farX = Math.max(Math.abs(centreX - box.x), Math.abs(box.x + box.width - centreX));
  const farY = Math.max(Math.abs(centreY - box.y), Math.abs(box.y + box.height - centreY));
  const stepsPerPixel = GRADIENT_STEPS / Math.max(1e-6, Math.sqrt(farX * farX + farY * farY) * share);
  return (y, start, end, paint) => {
    const colors = ramp;
    const acrossY = y + 0.5 - centreY;
    for (let x = start, target = 0; x < end; x++, target++) {
      const acrossX = x + 0.5 - centreX;
      const step = Math.sqrt(acrossX * acrossX + acrossY * acrossY) * stepsPerPixel + 0.5;
      paint[target] = colors[step > GRADIENT_STEPS ? GRADIENT_STEPS : step | 0]!;
    }
  };
}

function rampOf(stops: readonly GradientStop[], field: string): Int32Array {
  if (!Array.isArray(stops) || stops.length === 0)
    throw invalidInput(field, "a list of at least one stop", stops);
  let before = 0;
  const parsed = stops.map((stop: GradientStop, index) => {
    const at = numberBetween(`${field}[${index}].at`, stop?.at ?? Number.NaN, 0, before, 1);
    before = at;
    const { red, green, blue, alpha } = parseColor(stop.color, `${field}[${index}].color`);
    return { at, color: oklabOfBytes(red, green, blue), alpha };
  });
  const ramp = new Int32Array(GRADIENT_STEPS + 1);
  for (let step = 0, next = 0; step <= GRADIENT_STEPS; step++) {
    const at = step / GRADIENT_STEPS;
    while (next < parsed.length && parsed[next]!.at <= at) next++;
    const from = parsed[Math.max(0, next - 1)]!;
    const to = parsed[Math.min(parsed.length - 1, next)]!;
    const share = to.at > from.at ? (at - from.at) / (to.at - from.at) : 0;
    ramp[step] = mix(from, to, Math.max(0, share));
  }
  return ramp;
}

interface Stop {
  readonly color: Oklab;
  readonly alpha: number;
}

function mix(from: Stop, to: Stop, share: number): number {
  const alpha = from.alpha + (to.alpha - from.alpha) * share;
  // Clear ends lend no colour.
  const weight = alpha > 0 ? (to.alpha * share) / alpha : share;
  const [red, green, blue] = linearOfOklab({
    lightness: from.color.lightness + (to.color.lightness - from.color.lightness) * weight,
    a: from.color.a + (to.color.a - from.color.a) * weight,
    b: from.color.b + (to.color.b - from.color.b) * weight,
  });
  return packWord(
    nearestByte(srgbOfLinear(red)),
    nearestByte(srgbOfLinear(green)),
    nearestByte(srgbOfLinear(blue)),
    nearestByte(alpha * 255),
  );
}
