import { invalidInput } from "../errors.js";
import type { BoundingBox } from "../mask/runs.js";
import { numberBetween } from "../number-between.js";
import { parseColor, type Rgba } from "./color.js";
import { linearOfOklab, oklabOfBytes, srgbOfLinear } from "./oklab.js";

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
  /** RGBA bytes by step, `GRADIENT_STEPS + 1` of them. */
  readonly ramp: Uint8ClampedArray;
  /** Position 0..1 (clamped) along the gradient of the centre of a pixel. */
  readonly positionAt: (x: number, y: number) => number;
}

export const GRADIENT_STEPS = 1024;

/** @throws MaskeryError `INVALID_INPUT` naming the member at fault. */
export function planGradient(gradient: Gradient, box: BoundingBox, field = "gradient"): GradientPaint {
  if (typeof gradient !== "object" || gradient === null)
    throw invalidInput(field, 'an object with a type "linear" or "radial"', gradient);
  const ramp = rampOf(gradient.stops, `${field}.stops`);
  if (gradient.type === "linear") return { ramp, positionAt: linearPosition(gradient, box, field) };
  if (gradient.type === "radial") return { ramp, positionAt: radialPosition(gradient, box, field) };
  throw invalidInput(`${field}.type`, '"linear" or "radial"', (gradient as { type?: unknown }).type);
}

function linearPosition(
  gradient: LinearGradient,
  box: BoundingBox,
  field: string,
): GradientPaint["positionAt"] {
  const radians = (numberBetween(`${field}.angle`, gradient.angle, 180, -36_000, 36_000) * Math.PI) / 180;
  const directionX = Math.sin(radians);
  const directionY = -Math.cos(radians);
  const length = Math.max(1e-6, Math.abs(box.width * directionX) + Math.abs(box.height * directionY));
  const centreX = box.x + box.width / 2;
  const centreY = box.y + box.height / 2;
  return (x, y) => ((x + 0.5 - centreX) * directionX + (y + 0.5 - centreY) * directionY) / length + 0.5;
}

function radialPosition(
  gradient: RadialGradient,
  box: BoundingBox,
  field: string,
): GradientPaint["positionAt"] {
  const share = numberBetween(`${field}.radius`, gradient.radius, 1, 1e-6, 1e6);
  const centreX = box.x + box.width * numberBetween(`${field}.center.x`, gradient.center?.x, 0.5, -1e6, 1e6);
  const centreY = box.y + box.height * numberBetween(`${field}.center.y`, gradient.center?.y, 0.5, -1e6, 1e6);
  const farX = Math.max(Math.abs(centreX - box.x), Math.abs(box.x + box.width - centreX));
  const farY = Math.max(Math.abs(centreY - box.y), Math.abs(box.y + box.height - centreY));
  const radius = Math.max(1e-6, Math.sqrt(farX * farX + farY * farY) * share);
  return (x, y) => {
    const acrossX = x + 0.5 - centreX;
    const acrossY = y + 0.5 - centreY;
    return Math.sqrt(acrossX * acrossX + acrossY * acrossY) / radius;
  };
}

function rampOf(stops: readonly GradientStop[], field: string): Uint8ClampedArray {
  if (!Array.isArray(stops) || stops.length === 0)
    throw invalidInput(field, "a list of at least one stop", stops);
  let before = 0;
  const parsed = stops.map((stop: GradientStop, index) => {
    const at = numberBetween(`${field}[${index}].at`, stop?.at ?? Number.NaN, 0, before, 1);
    before = at;
    return { at, color: parseColor(stop.color, `${field}[${index}].color`) };
  });
  const ramp = new Uint8ClampedArray((GRADIENT_STEPS + 1) * 4);
  for (let step = 0, next = 0; step <= GRADIENT_STEPS; step++) {
    const at = step / GRADIENT_STEPS;
    while (next < parsed.length && parsed[next]!.at <= at) next++;
    const from = parsed[Math.max(0, next - 1)]!;
    const to = parsed[Math.min(parsed.length - 1, next)]!;
    const share = to.at > from.at ? (at - from.at) / (to.at - from.at) : 0;
    ramp.set(mix(from.color, to.color, Math.max(0, share)), step * 4);
  }
  return ramp;
}

function mix(from: Rgba, to: Rgba, share: number): [number, number, number, number] {
  const alpha = from.alpha + (to.alpha - from.alpha) * share;
  // Clear ends lend no colour.
  const weight = alpha > 0 ? (to.alpha * share) / alpha : share;
  const first = oklabOfBytes(from.red, from.green, from.blue);
  const second = oklabOfBytes(to.red, to.green, to.blue);
  const [red, green, blue] = linearOfOklab({
    lightness: first.lightness + (second.lightness - first.lightness) * weight,
    a: first.a + (second.a - first.a) * weight,
    b: first.b + (second.b - first.b) * weight,
  });
  return [srgbOfLinear(red), srgbOfLinear(green), srgbOfLinear(blue), alpha * 255];
}
