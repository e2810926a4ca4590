import { describe, expect, it } from "vitest";
import { Mask } from "../mask/mask.js";
import { type BlendMode, blendModes } from "./blend-modes.js";
import { paint } from "./paint.js";
import { randomNumbers } from "./test-support.js";

type Color = [red: number, green: number, blue: number];

/**
 * The W3C formulas once more, written from the specification's text and pseudo-code rather than for speed: colours 0..1.
 * https://www.w3.org/TR/compositing-1/#blending
 */
const Lum = ([red, green, blue]: Color): number => 0.3 * red + 0.59 * green + 0.11 * blue;
const Sat = (color: Color): number => Math.max(...color) - Math.min(...color);
function ClipColor(color: Color): Color {
  const luminosity = Lum(color);
  const least = Math.min(...color);
  const most = Math.max(...color);
  let clipped = color;
  if (least < 0)
    clipped = clipped.map(
      (value) => luminosity + ((value - luminosity) * luminosity) / (luminosity - least),
    ) as Color;
  if (most > 1)
    clipped = clipped.map(
      (value) => luminosity + ((value - luminosity) * (1 - luminosity)) / (most - luminosity),
    ) as Color;
  return clipped;
}
const SetLum = (color: Color, luminosity: number): Color => {
  const shift = luminosity - Lum(color);
  return ClipColor(color.map((value) => value + shift) as Color);
};
function SetSat(color: Color, saturation: number): Color {
  const order = [0, 1, 2].sort((first, second) => color[first]! - color[second]!);
  const [least, middle, most] = order as [number, number, number];
  const result: Color = [0, 0, 0];
  if (color[most]! > color[least]!) {
    result[middle] = ((color[middle]! - color[least]!) * saturation) / (color[most]! - color[least]!);
    result[most] = saturation;
  }
  return result;
}

const separable: Readonly<Record<string, (cb: number, cs: number) => number>> = {
  normal: (_cb, cs) => cs,
  multiply: (cb, cs) => cb * cs,
  screen: (cb, cs) => 1 - (1 - cb) * (1 - cs),
  overlay: (cb, cs) => (cb <= 0.5 ? 2 * cb * cs : 1 - 2 * (1 - cb) * (1 - cs)),
  darken: (cb, cs) => (cb < cs ? cb : cs),
  lighten: (cb, cs) => (cb > cs ? cb : cs),
  "color-dodge": (cb, cs) => (cb === 0 ? 0 : cs >= 1 ? 1 : Math.min(1, cb / (1 - cs))),
  "color-burn": (cb, cs) => (cb >= 1 ? 1 : cs <= 0 ? 0 : 1 - Math.min(1, (1 - cb) / cs)),
  "hard-light": (cb, cs) => (cs <= 0.5 ? 2 * cb * cs : 1 - 2 * (1 - cb) * (1 - cs)),
  "soft-light": (cb, cs) => {
    if (cs <= 0.5) return cb - (1 - 2 * cs) * cb * (1 - cb);
    const d = cb <= 0.25 ? 16 * cb ** 3 - 12 * cb ** 2 + 4 * cb : cb ** 0.5;
    return cb + (2 * cs - 1) * (d - cb);
  },
  difference: (cb, cs) => Math.abs(cb - cs),
  exclusion: (cb, cs) => cb + cs - 2 * cb * cs,
};

const whole: Readonly<Record<string, (cb: Color, cs: Color) => Color>> = {
  hue: (cb, cs) => SetLum(SetSat(cs, Sat(cb)), Lum(cb)),
  saturation: (cb, cs) => SetLum(SetSat(cb, Sat(cs)), Lum(cb)),
  color: (cb, cs) => SetLum(cs, Lum(cb)),
  luminosity: (cb, cs) => SetLum(cb, Lum(cs)),
};

function blended(mode: BlendMode, cb: Color, cs: Color): Color {
  const channel = separable[mode];
  return channel ? (cb.map((value, index) => channel(value, cs[index]!)) as Color) : whole[mode]!(cb, cs);
}

/** Straight-alpha result of section 5.1, premultiplied on the way. */
function composited(mode: BlendMode, cb: Color, ab: number, cs: Color, as: number): number[] {
  const b = blended(mode, cb, cs);
  const alpha = as + ab * (1 - as);
  const channels = cb.map((backdrop, index) => {
    const mixed = (1 - ab) * cs[index]! + ab * b[index]!;
    const premultiplied = as * mixed + (1 - as) * ab * backdrop;
    return alpha === 0 ? 0 : premultiplied / alpha;
  });
  return [...channels, alpha];
}

describe.each([...blendModes])("%s", (mode) => {
  it.each(["solid", "clear and half clear"])("follows the W3C formula over a %s picture", (kind) => {
    const random = randomNumbers(mode.length * 31 + mode.charCodeAt(0));
    const extremes = [0, 255, 128, 64, 63, 1, 254];
    const byte = (): number =>
      random() < 0.3 ? extremes[Math.floor(random() * extremes.length)]! : Math.floor(random() * 256);
    for (let round = 0; round < 60; round++) {
      const width = 16;
      const data = Uint8Array.from({ length: width * 4 }, byte);
      if (kind === "solid") for (let offset = 3; offset < data.length; offset += 4) data[offset] = 255;
      const [red, green, blue] = [byte(), byte(), byte()];
      const opacity = round % 3 === 0 ? 1 : random();
      const color = `rgb(${red},${green},${blue})`;
      const result = paint({ width, height: 1, data }, [
        { mask: Mask.full(width, 1), color, opacity, blend: mode },
      ]);
      for (let offset = 0; offset < data.length; offset += 4) {
        const backdrop = [data[offset]! / 255, data[offset + 1]! / 255, data[offset + 2]! / 255] as Color;
        const expected = composited(
          mode,
          backdrop,
          data[offset + 3]! / 255,
          [red / 255, green / 255, blue / 255],
          opacity,
        );
        if (expected[3]! === 0) continue;
        for (let channel = 0; channel < 4; channel++) {
          expect(Math.abs(result.data[offset + channel]! - expected[channel]! * 255)).toBeLessThanOrEqual(
            0.501,
          );
        }
      }
    }
  });
});

it("knows the sixteen modes of the specification", () => {
  expect([...blendModes].sort()).toEqual([...Object.keys(separable), ...Object.keys(whole)].sort());
  expect(blendModes).toHaveLength(16);
});
