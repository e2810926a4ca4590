/** Steps of this share of the whole leave the most even gaps at every moment. */
const GOLDEN_SHARE = (Math.sqrt(5) - 1) / 2;

/** The numbers 0 up to `count` in an order that covers them evenly from the start: steps of the golden ratio, round and round. */
export function spreadOrder(count: number): number[] {
  let step = Math.max(1, Math.round(count * GOLDEN_SHARE));
  while (greatestCommonDivisor(step, count) > 1) step++;
  return Array.from({ length: count }, (_, index) => (index * step) % count);
}

function greatestCommonDivisor(first: number, second: number): number {
  return second === 0 ? first : greatestCommonDivisor(second, first % second);
}
