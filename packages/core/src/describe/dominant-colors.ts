import type { RgbaImage } from "../image/rgba-image.js";
import type { Mask } from "../mask/mask.js";
import { colorNames, colorNameTable } from "./color-names.js";

/** Pixels looked at for one mask, about: enough for shares to a percent. */
const MOST_SAMPLES = 40_000;

/** Pixels more transparent than this show what lies behind the picture. */
const LEAST_ALPHA = 128;

export interface ColorShare {
  readonly name: string;
  /** Of the visible pixels looked at, 0..1. */
  readonly share: number;
}

/** The colours under a mask by name, largest share first; empty where nothing is visible. */
export function colorShares(image: RgbaImage, mask: Mask): ColorShare[] {
  const { data, width, height } = image;
  const table = colorNameTable();
  const counts = new Float64Array(colorNames.length);
  // Odd, so that it does not fall into step with patterns of two, four, eight pixels.
  const step = Math.ceil(mask.area / MOST_SAMPLES) | 1;
  let visible = 0;
  let position = 0;
  let next = 0;
  for (let index = 0; index + 1 < mask.runs.length; index += 2) {
    position += mask.runs[index]!;
    const end = position + mask.runs[index + 1]!;
    for (next += position; next < end; next += step) {
      const x = Math.floor(next / height);
      const pixel = ((next - x * height) * width + x) * 4;
      if (data[pixel + 3]! < LEAST_ALPHA) continue;
      const entry = ((data[pixel]! >> 3) << 10) | ((data[pixel + 1]! >> 3) << 5) | (data[pixel + 2]! >> 3);
      counts[table[entry]!]!++;
      visible++;
    }
    // What is left of the step goes on in the next run.
    next -= end;
    position = end;
  }
  return colorNames
    .map((name, index) => ({ name, share: counts[index]! / visible }))
    .filter(({ share }) => share > 0)
    .sort((first, second) => second.share - first.share);
}

/** Two colours together need at least so much, or there is nothing to call dominant. */
const LEAST_OF_PAIR = 0.5;
const MOSTLY = 0.6;
const ENTIRELY = 0.9;
const LEAST_OF_SECOND = 0.2;

/** One phrase for shares of colours: `red`, `mostly red`, `red and white`, `of many colours`; empty where nothing is visible. */
export function colorPhrase([first, second]: readonly ColorShare[]): string {
  if (!first) return "";
  if (first.share >= ENTIRELY) return first.name;
  if (first.share >= MOSTLY) return `mostly ${first.name}`;
  if (second && second.share >= LEAST_OF_SECOND && first.share + second.share >= LEAST_OF_PAIR)
    return `${first.name} and ${second.name}`;
  return first.share >= LEAST_OF_PAIR ? `mostly ${first.name}` : "of many colours";
}
