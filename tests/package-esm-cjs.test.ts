import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
// Inside the repository, so that the packages are found in its node_modules, but outside every package.
const scratchFolder = join(import.meta.dirname, "../.tmp");
let folder = "";

beforeAll(async () => {
  await mkdir(scratchFolder, { recursive: true });
  folder = await mkdtemp(join(scratchFolder, "esm-cjs-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program as its own Node process, away from vitest's aliases to the sources, and parses what it prints. */
async function exportNames(fileName: string, program: string): Promise<string[]> {
  const path = join(folder, fileName);
  await writeFile(path, program);
  const { stdout, stderr } = await run(process.execPath, [path]);
  expect(stderr).toBe("");
  return JSON.parse(stdout) as string[];
}

describe.each([
  { name: "@maskery/core", knownExport: "MaskeryError" },
  { name: "@maskery/node", knownExport: "createSegmenter" },
])("the built $name", ({ name, knownExport }) => {
  it("gives the same names to import and to require()", async () => {
    const print = "console.log(JSON.stringify(Object.keys(exported).sort()));";
    const [imported, importedLater, required] = await Promise.all([
      exportNames("static.mjs", `import * as exported from "${name}";\n${print}`),
      exportNames("dynamic.cjs", `import("${name}").then((exported) => { ${print} });`),
      exportNames("require.cjs", `const exported = require("${name}");\n${print}`),
    ]);
    expect(imported).toContain(knownExport);
    expect(importedLater).toEqual(imported);
    expect(required).toEqual(imported);
  });

  it("keeps its inner files to itself", async () => {
    const program = `import("${name}/dist/index.js").catch((error) => console.log(JSON.stringify([error.code])));`;
    expect(await exportNames("inner.mjs", program)).toEqual(["ERR_PACKAGE_PATH_NOT_EXPORTED"]);
  });
});
