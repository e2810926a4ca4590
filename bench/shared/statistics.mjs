// @ts-check

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** @param {readonly number[]} values */
export function lowerQuartile(values) {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.floor(sorted.length / 4)] ?? Number.NaN;
}

/** @param {number} milliseconds */
export const inMs = (milliseconds) => `${milliseconds.toFixed(1)} ms`;

/**
 * @param {readonly number[]} values
 * @param {number} part - 0 to 1.
 */
export function quantile(values, part) {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
