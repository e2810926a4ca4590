import { writeFileSync } from "node:fs";

/**
 * A vitest reporter that writes what `npm test` adds to its totals to the file named by MASKERY_TEST_COUNTS.
 * @typedef {{ passed: number, failed: string[], skipped: { name: string, tests: number }[] }} TestCounts
 */

/** @typedef {import("vitest/node").TestModule | import("vitest/node").TestSuite} Group */

/** @param {Group | import("vitest/node").TestCase} entity */
const nameOf = (entity) =>
  entity.type === "module"
    ? entity.relativeModuleId
    : `${entity.module.relativeModuleId} > ${entity.fullName}`;

/**
 * Skipped tests, a wholly skipped group as one entry.
 * @param {Group} group
 * @returns {TestCounts["skipped"]}
 */
function skippedIn(group) {
  const all = [...group.children.allTests()];
  if (all.length > 0 && group.type === "suite" && all.every((test) => test.result().state === "skipped")) {
    return [{ name: nameOf(group), tests: all.length }];
  }
  return [...group.children].flatMap((child) => {
    if (child.type === "suite") return skippedIn(child);
    const result = child.result();
    if (result.state !== "skipped") return [];
    const reason = result.note ?? (child.options.mode === "todo" ? "not written yet" : undefined);
    return [{ name: `${nameOf(child)}${reason ? ` [${reason}]` : ""}`, tests: 1 }];
  });
}

export default class CountingReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly import("vitest").SerializedError[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {TestCounts} */
    const counts = { passed: 0, failed: [], skipped: [] };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") counts.passed += 1;
        // A pending test never reached its end: the run broke off.
        if (state === "failed" || state === "pending") counts.failed.push(nameOf(test));
      }
      // Errors outside any test: a file that cannot be loaded, a failing beforeAll.
      for (const group of [module, ...module.children.allSuites()]) {
        if (group.errors().length > 0) counts.failed.push(`${nameOf(group)} (outside its tests)`);
      }
      counts.skipped.push(...skippedIn(module));
    }
    for (const error of unhandledErrors) counts.failed.push(`unhandled error: ${error.message}`);
    const path = process.env["MASKERY_TEST_COUNTS"];
    if (path) writeFileSync(path, JSON.stringify(counts));
  }
}
