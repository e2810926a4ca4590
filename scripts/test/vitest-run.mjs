import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "./run-command.mjs";

/**
 * Runs vitest and adds what it found to the tally.
 * @param {import("./tally.mjs").Tally} tally
 * @param {string} scratchFolder
 * @param {readonly string[]} parameters - Passed on to vitest: file filters, `-t name`.
 */
export async function runVitest(tally, scratchFolder, parameters) {
  if (parameters.length > 0) {
    console.log(
      `Only the tests that match "${parameters.join(" ")}"; all other vitest tests are left out of this run.`,
    );
  }
  const countsPath = join(scratchFolder, "test-counts.json");
  /** @type {unknown} */
  let exitError;
  try {
    await runTool(
      "vitest",
      ["run", "--reporter=default", "--reporter=./scripts/test/counting-reporter.mjs", ...parameters],
      { env: { MASKERY_TEST_COUNTS: countsPath } },
    );
  } catch (error) {
    exitError = error;
  }

  /** @type {import("./counting-reporter.mjs").TestCounts} */
  const counts = readCounts(countsPath);
  tally.totals.passed += counts.passed;
  tally.totals.failed += counts.failed.length;
  tally.failedNames.push(...counts.failed);
  for (const { name, tests } of counts.skipped) {
    tally.totals.skipped += tests;
    tally.skippedNames.push(tests === 1 ? name : `${name} (${tests} tests)`);
  }

  if (counts.passed + counts.failed.length === 0) {
    await tally.check("vitest runs at least one test", () =>
      Promise.reject(exitError ?? new Error("No test ran.")),
    );
  } else if (exitError && counts.failed.length === 0) {
    await tally.check("vitest exits with 0", () => Promise.reject(exitError));
  }
}

/**
 * @param {string} path
 * @returns {import("./counting-reporter.mjs").TestCounts}
 */
function readCounts(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { passed: 0, failed: [], skipped: [] }; // vitest ended before its reporter could write; runVitest says so
  }
}
