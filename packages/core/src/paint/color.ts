import { invalidInput } from "../errors.js";
import { namedColors } from "./named-colors.js";

/** A colour in sRGB with straight alpha. */
export interface Rgba {
  /** Whole number 0..255, as `green` and `blue`. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 (clear) ..1 (solid). */
  readonly alpha: number;
}

const EXPECTED =
  "a colour: #rgb, #rgba, #rrggbb, #rrggbbaa, rgb(), rgba(), hsl(), hsla() or a CSS colour name";

const NUMBER = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)";
const FUNCTION = new RegExp(
  // Commas throughout (the older form) or spaces with a slash before alpha (the newer one).
  `^(rgb|hsl)a?\\(\\s*(${NUMBER})(%|deg)?\\s*(?:,|\\s)\\s*(${NUMBER})(%)?\\s*(?:,|\\s)\\s*(${NUMBER})(%)?\\s*(?:[,/]\\s*(${NUMBER})(%)?\\s*)?\\)$`,
);

/**
 * Reads a colour as CSS writes it; letter case and outer spaces do not matter. Channel values beyond their range are
 * clamped, as CSS does. Source of the forms: W3C CSS Color Module Level 4.
 * @param field - Name of the input for the error.
 * @throws MaskeryError `INVALID_INPUT` for anything else, `transparent` and `currentColor` included.
 */
export function parseColor(text: string, field = "color"): Rgba {
  if (typeof text !== "string") throw invalidInput(field, EXPECTED, text);
  const word = text.trim().toLowerCase();
  const named = namedColors.get(word);
  const color = named === undefined ? (parseHex(word) ?? parseFunction(word)) : fromNumber(named, 1);
  if (!color) throw invalidInput(field, EXPECTED, text);
  return color;
}

/** Writes `#rrggbb`, or `#rrggbbaa` for a colour that is not solid. */
export function formatColor(color: Rgba): string {
  const channels = [color.red, color.green, color.blue];
  if (color.alpha < 1) channels.push(color.alpha * 255);
  return `#${channels.map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
}

function fromNumber(value: number, alpha: number): Rgba {
  return { red: (value >> 16) & 255, green: (value >> 8) & 255, blue: value & 255, alpha };
}

function parseHex(word: string): Rgba | undefined {
  const digits = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(word)?.[1];
  if (digits === undefined) return undefined;
  const full = digits.length <= 4 ? digits.replace(/./g, "$&$&") : digits;
  const alpha = full.length === 8 ? Number.parseInt(full.slice(6), 16) / 255 : 1;
  return fromNumber(Number.parseInt(full.slice(0, 6), 16), alpha);
}

function parseFunction(word: string): Rgba | undefined {
  const match = FUNCTION.exec(word);
  if (!match) return undefined;
  const [, kind, first, firstUnit, second, secondUnit, third, thirdUnit, alphaText, alphaUnit] = match;
  const alpha = alphaText === undefined ? 1 : clamp(Number(alphaText) / (alphaUnit ? 100 : 1), 1);
  if (kind === "hsl") {
    if (firstUnit === "%" || !secondUnit || !thirdUnit) return undefined;
    return fromHsl(Number(first), clamp(Number(second) / 100, 1), clamp(Number(third) / 100, 1), alpha);
  }
  // Percentages for all channels or for none.
  if (firstUnit === "deg" || firstUnit !== secondUnit || secondUnit !== thirdUnit) return undefined;
  const divisor = firstUnit ? 100 / 255 : 1;
  const [red, green, blue] = [first, second, third].map((value) =>
    Math.round(clamp(Number(value) / divisor, 255)),
  );
  return { red: red!, green: green!, blue: blue!, alpha };
}

function fromHsl(hueDegrees: number, saturation: number, lightness: number, alpha: number): Rgba {
  const spread = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const position = (((offset + hueDegrees / 30) % 12) + 12) % 12;
    return Math.round(255 * (lightness - spread * Math.max(-1, Math.min(position - 3, 9 - position, 1))));
  };
  return { red: channel(0), green: channel(8), blue: channel(4), alpha };
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value;
}
