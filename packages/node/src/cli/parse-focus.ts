import { type FocusOption, invalidInput } from "@maskery/core";
import { asTyped, parseDecimal } from "./parse-numbers.js";

/** Options of a command that can look closer, as the parser gives them. */
export interface FocusArguments {
  readonly focus?: boolean;
  readonly focusOn?: string;
}

/**
 * Reads `--focus` and `--focus-on x0,y0,x1,y1`, which is in pixels of the picture.
 * @throws MaskeryError `INVALID_INPUT` naming the option.
 */
export function parseFocus({ focus, focusOn }: FocusArguments): FocusOption | undefined {
  if (focusOn === undefined) return focus;
  if (focus) throw invalidInput("--focus", "either --focus or --focus-on", "both");
  const numbers = focusOn.split(",").map(parseDecimal);
  const [x0, y0, x1, y1] = numbers;
  if (numbers.length !== 4 || x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined)
    throw invalidInput(`--focus-on ${asTyped(focusOn)}`, "x0,y0,x1,y1", focusOn);
  if (!(x1 > x0 && y1 > y0)) {
    throw invalidInput(`--focus-on ${asTyped(focusOn)}`, "x1 above x0 and y1 above y0", focusOn);
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}
