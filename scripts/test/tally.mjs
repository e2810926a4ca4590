/** Counts checks and tests, prints headings with times, and closes with the totals. */
export function createTally() {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failedNames = [];
  /** @type {string[]} */
  const skippedNames = [];

  return {
    totals,
    failedNames,
    skippedNames,

    /**
     * Runs one check, which counts as one test: it passes unless it throws.
     * @param {string} name
     * @param {() => unknown} run
     * @returns {Promise<boolean>} whether it passed
     */
    async check(name, run) {
      try {
        await run();
        totals.passed += 1;
        console.log(`ok      ${name}`);
        return true;
      } catch (error) {
        totals.failed += 1;
        failedNames.push(name);
        console.log(`FAILED  ${name}\n${error instanceof Error ? error.message : error}`);
        return false;
      }
    },

    /** Prints the names that need attention, then the totals alone on the last line. */
    close() {
      if (failedNames.length > 0)
        console.log(`\nFailed:\n${failedNames.map((name) => `  ${name}`).join("\n")}`);
      if (skippedNames.length > 0)
        console.log(`\nSkipped:\n${skippedNames.map((name) => `  ${name}`).join("\n")}`);
      console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
    },
  };
}

/** @typedef {ReturnType<typeof createTally>} Tally */

/**
 * Runs one step of the test command under a heading, and says how long it took.
 * @param {string} heading
 * @param {() => Promise<unknown>} run
 */
export async function step(heading, run) {
  console.log(`\n== ${heading}`);
  const start = performance.now();
  await run();
  console.log(`== ${heading}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
