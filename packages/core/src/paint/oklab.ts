/**
 * OKLab, a space in which equal steps look about equal: lightness 0..1, and two colour axes.
 * Source of the numbers: Björn Ottosson, "A perceptual color space for image processing" (2020). The transfer function is
 * that of sRGB, IEC 61966-2-1.
 *
 * Everything here that uses powers or cube roots fills tables, or handles one colour. Engines may differ in the last bit of
 * those; after rounding to bytes that is at most 1/255, and in practice nothing.
 */
export interface Oklab {
  readonly lightness: number;
  /** Green to red. */
  readonly a: number;
  /** Blue to yellow. */
  readonly b: number;
}

/** Linear light 0..1 of every sRGB byte. */
export const linearOfByte: Float64Array = Float64Array.from({ length: 256 }, (_, byte) => {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});

/** sRGB 0..255, not rounded, of linear light; clamped to 0..1 first. */
export function srgbOfLinear(linear: number): number {
  const value = linear < 0 ? 0 : linear > 1 ? 1 : linear;
  return 255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);
}

export function oklabOfLinear(red: number, green: number, blue: number): Oklab {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return {
    lightness: 0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    a: 1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    b: 0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  };
}

/** @param red - sRGB 0..255, whole; `green` and `blue` likewise. */
export function oklabOfBytes(red: number, green: number, blue: number): Oklab {
  return oklabOfLinear(linearOfByte[red]!, linearOfByte[green]!, linearOfByte[blue]!);
}

/** A power would be worked out by logarithms. */
const cube = (value: number): number => value * value * value;

/** Linear red, green and blue; beyond 0..1 for colours that sRGB does not have. */
export function linearOfOklab({ lightness, a, b }: Oklab): [red: number, green: number, blue: number] {
  const long = cube(lightness + 0.3963377774 * a + 0.2158037573 * b);
  const medium = cube(lightness - 0.1055613458 * a - 0.0638541728 * b);
  const short = cube(lightness - 0.0894841775 * a - 1.291485548 * b);
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

/** Bisections of the chroma: 2^-12 of it is far below one byte. */
const CHROMA_STEPS = 12;

/** sRGB 0..255 (not rounded) of a colour; one that sRGB does not have loses chroma, not lightness or hue, until it fits. */
export function srgbOfOklab(color: Oklab): [red: number, green: number, blue: number] {
  const fits = (share: number): boolean => {
    const [red, green, blue] = linearOfOklab({
      lightness: color.lightness,
      a: color.a * share,
      b: color.b * share,
    });
    return Math.min(red, green, blue) >= -1e-4 && Math.max(red, green, blue) <= 1.0001;
  };
  let share = 1;
  if (!fits(1)) {
    let least = 0;
    let most = 1;
    for (let step = 0; step < CHROMA_STEPS; step++) {
      const middle = (least + most) / 2;
      if (fits(middle)) least = middle;
      else most = middle;
    }
    share = least;
  }
  const [red, green, blue] = linearOfOklab({
    lightness: color.lightness,
    a: color.a * share,
    b: color.b * share,
  });
  return [srgbOfLinear(red), srgbOfLinear(green), srgbOfLinear(blue)];
}

/**
 * Lightness of pixels in the hot loops. OKLab's lightness is a weighted mean of the cube roots of two cone responses (the
 * third weighs 0.4 %); the cube root of the mean of the responses is within 0.007 of it for every colour of sRGB, equal to it
 * for greys, and likewise doubles when linear light grows eightfold. It needs one look-up instead of three.
 */
const RED_SHARE = 0.2546;
const GREEN_SHARE = 0.6498;
const BLUE_SHARE = 0.0956;

/** Steps of lightness that the tables tell apart: 0..`LIGHTNESS_STEPS`, far below what a byte shows. */
export const LIGHTNESS_STEPS = 2048;

/** Linear light in whole numbers, so that sums are the same everywhere. */
const LIGHT_BITS = 16;
/** The step of sRGB above black spans five entries. */
const TABLE_SHIFT = 2;

const lightTable = (share: number): Int32Array =>
  Int32Array.from(linearOfByte, (linear) => Math.round(linear * share * (1 << LIGHT_BITS)));

/** Adds up to the light of a pixel: `redLight[red] + greenLight[green] + blueLight[blue]`. */
export const redLight: Int32Array = lightTable(RED_SHARE);
export const greenLight: Int32Array = lightTable(GREEN_SHARE);
export const blueLight: Int32Array = lightTable(BLUE_SHARE);

/** Lightness in steps of a light shifted right by `LIGHT_SHIFT`. */
export const stepOfLight: Uint16Array = Uint16Array.from(
  { length: ((1 << LIGHT_BITS) >> TABLE_SHIFT) + 2 },
  (_, index) =>
    Math.min(
      LIGHTNESS_STEPS,
      Math.round(Math.cbrt((index << TABLE_SHIFT) / (1 << LIGHT_BITS)) * LIGHTNESS_STEPS),
    ),
);
export const LIGHT_SHIFT = TABLE_SHIFT;

/** Lightness of an sRGB pixel in steps, 0..`LIGHTNESS_STEPS`; the hot loops have this written out. */
export function lightnessStep(red: number, green: number, blue: number): number {
  return stepOfLight[(redLight[red]! + greenLight[green]! + blueLight[blue]!) >> LIGHT_SHIFT]!;
}
