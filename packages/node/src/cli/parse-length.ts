import { invalidInput, type PixelLength } from "@maskery/core";
import { parseDecimal } from "./parse-numbers.js";

/**
 * Reads a size of pixels (`3`, `3px`) or a share of the object (`2%`).
 * @throws MaskeryError `INVALID_INPUT` naming the option.
 */
export function parseLength(option: string, text: string): PixelLength {
  const match = /^(.*?)(px|%)?$/.exec(text.trim())!;
  const value = parseDecimal(match[1]!);
  if (value === undefined || value < 0)
    throw invalidInput(option, "pixels such as 3, or a share of the object such as 2%", text);
  return match[2] === "%" ? { fraction: value / 100 } : { pixels: value };
}

/** As `parseLength`, for options that may stand alone: those give `true`. */
export function parseOptionalLength(option: string, text: string | true): PixelLength | true {
  return text === true ? true : parseLength(option, text);
}
