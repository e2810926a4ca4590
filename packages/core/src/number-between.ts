import { invalidInput } from "./errors.js";

/**
 * Checks one optional number at the door of a call.
 * @returns `value`, or `fallback` when it is undefined.
 * @throws MaskeryError `INVALID_INPUT` for anything that is no number from `least` to `most`.
 */
export function numberBetween(
  field: string,
  value: number | undefined,
  fallback: number,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
): number {
  if (value === undefined) return fallback;
  if (Number.isFinite(value) && value >= least && value <= most) return value;
  const range =
    most === Number.POSITIVE_INFINITY
      ? `a finite number, at least ${least}`
      : `a number from ${least} to ${most}`;
  throw invalidInput(field, range, value);
}

/** As `numberBetween`, for whole numbers. */
export function wholeNumberBetween(
  field: string,
  value: number | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw invalidInput(field, `a whole number from ${least} to ${most}`, value);
}
