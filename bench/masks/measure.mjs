/** A quick contestant runs again and again until its turn has lasted this long; a slow one runs once. */
const TURN_MS = 25;

/**
 * Times several ways to do one job side by side. They take turns, so that a busy machine slows all of them alike; each
 * turn begins with one call that is not counted, because the turn before has emptied the caches.
 * @param {Record<string, () => unknown>} contestants - May return promises.
 * @param {{ turns?: number, warmUp?: number }} [options]
 * @returns {Promise<Record<string, number>>} Median milliseconds of one call of each.
 */
export async function measure(contestants, { turns = 15, warmUp = 2 } = {}) {
  const entries = Object.entries(contestants).map(([name, job]) => ({
    name,
    job,
    times: /** @type {number[]} */ ([]),
  }));
  for (let turn = -warmUp; turn < turns; turn++) {
    for (const { job, times } of entries) {
      // What one contestant left behind must not be swept up during the turn of the next.
      globalThis.gc?.();
      await timed(job);
      let left = TURN_MS;
      do {
        const elapsed = await timed(job);
        left -= elapsed;
        if (turn >= 0) times.push(elapsed);
      } while (left > 0);
    }
  }
  return Object.fromEntries(entries.map(({ name, times }) => [name, median(times)]));
}

/** @param {() => unknown} job */
async function timed(job) {
  const start = performance.now();
  const result = job();
  if (result instanceof Promise) await result;
  return performance.now() - start;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((first, second) => first - second);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
