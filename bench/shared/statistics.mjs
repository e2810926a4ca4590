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
