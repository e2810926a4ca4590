import { describe, expect, it } from "vitest";

/**
 * A group of tests that needs something this machine may not have. This is the only way to skip tests: `npm test` lists
 * every skipped group with its reason, and fails on any of them when MASKERY_REQUIRE_ALL=1, as .ci/run sets it.
 *
 * @param what - What the tests need, in a few words.
 * @param missing - Why it is not here, or null when it is.
 * @example
 * const withRedis = requirement("a Redis server", process.env["REDIS_URL"] ? null : "REDIS_URL is not set");
 * withRedis("job queue on Redis", () => {
 *   it("runs a job again after a crash", async () => {});
 * });
 * // without REDIS_URL: skipped "job queue on Redis [needs a Redis server: REDIS_URL is not set]"
 */
export function requirement(what: string, missing: string | null) {
  return (title: string, tests: () => void): void => {
    if (missing === null) {
      describe(title, tests);
      return;
    }
    const titleWithReason = `${title} [needs ${what}: ${missing}]`;
    if (process.env["MASKERY_REQUIRE_ALL"] === "1") {
      describe(titleWithReason, () => {
        it("finds what it needs, because MASKERY_REQUIRE_ALL=1", () => expect.fail(missing));
      });
      return;
    }
    // biome-ignore lint/suspicious/noSkippedTests: the one place that may skip, with its reason in the name
    describe.skip(titleWithReason, tests);
  };
}
