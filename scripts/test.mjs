/**
 * The one test command: `npm test [-- <vitest filter>]`. Builds, then checks everything a release needs. Checks outside
 * vitest count as one test each. The last line is "N passed, N failed, N skipped"; the exit code is 0 only when nothing
 * failed, and with MASKERY_REQUIRE_ALL=1 only when nothing was skipped either.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFileProblems } from "./lockfile.mjs";
import { checkPackages } from "./test/package-checks.mjs";
import { runTool } from "./test/run-command.mjs";
import { createTally, step } from "./test/tally.mjs";
import { runVitest } from "./test/vitest-run.mjs";

const scratchFolder = mkdtempSync(join(tmpdir(), "maskery-test-"));
process.on("exit", () => rmSync(scratchFolder, { recursive: true, force: true }));
process.chdir(join(import.meta.dirname, ".."));

const tally = createTally();
let built = false;

await step("build", async () => {
  built = await tally.check("npm run build", () => runTool("tsup", []));
});
await step("type check", async () => {
  await tally.check("types: everything", () => runTool("tsc", ["-p", "tsconfig.json"]));
  await tally.check("types: core without Node and DOM", () =>
    runTool("tsc", ["-p", "packages/core/tsconfig.json"]),
  );
});
await step("lint", async () => {
  await tally.check("npm run lint", () => runTool("biome", ["check", "--error-on-warnings", "."]));
  await tally.check("package-lock.json works everywhere", () => {
    const problems = lockFileProblems("package-lock.json");
    if (problems.length > 0) throw new Error(problems.join("\n"));
  });
});
await step("packages", async () => {
  if (built) await checkPackages(tally, scratchFolder);
  else await tally.check("package checks", () => Promise.reject(new Error("Not run: the build failed.")));
});
await step("vitest", () => runVitest(tally, scratchFolder, process.argv.slice(2)));

tally.close();
const { failed, skipped } = tally.totals;
process.exitCode = failed > 0 || (skipped > 0 && process.env["MASKERY_REQUIRE_ALL"] === "1") ? 1 : 0;
