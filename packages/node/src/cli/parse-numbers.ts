import { describeValue, invalidInput } from "@maskery/core";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a decimal number; hexadecimal, `NaN`, `Infinity` and empty text are none. */
export function parseDecimal(text: string): number | undefined {
  const trimmed = text.trim();
  if (!DECIMAL.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Reads a whole number given to an option.
 * @throws MaskeryError `INVALID_INPUT` naming the option.
 */
export function parseWholeNumber(
  option: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`;
  throw invalidInput(option, `a whole number, ${range}`, text);
}

/** How a value on the command line is shown in a message: as typed, within reason. */
export function asTyped(text: string): string {
  return /^[\w.,+-]{1,40}$/.test(text) ? text : describeValue(text);
}
