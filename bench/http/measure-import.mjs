// @ts-check
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { median } from "../shared/statistics.mjs";

const run = promisify(execFile);
const script = fileURLToPath(new URL("import-once.mjs", import.meta.url));
const specifiers = ["@maskery/http-adapter", "@maskery/http-adapter/node", "@maskery/http-adapter/serve"];
/** What must wait until somebody needs it. */
const heavy = ["sharp", "onnxruntime-node", "swagger-ui-dist"];

/** @typedef {{ milliseconds: number, cpuMilliseconds: number, megabytes: number, packages: string[] }} Imported */

/**
 * What `import` of each entry costs a process, above one that imports nothing, and which packages it loads.
 * @param {number} rounds
 */
export async function measureImport(rounds) {
  console.log(`\nimport, ${rounds} fresh processes each; goal: nothing heavy`);
  for (const specifier of specifiers) {
    const { packages } = await importOnce(specifier, "list");
    /** @type {{ empty: Imported, full: Imported }[]} */ const taken = [];
    for (let round = 0; round < rounds; round++)
      taken.push({ empty: await importOnce(""), full: await importOnce(specifier) });
    const above = (/** @type {(imported: Imported) => number} */ of) =>
      median(taken.map(({ empty, full }) => of(full) - of(empty)));
    const tooHeavy = packages.filter((name) => heavy.includes(name));
    console.log(
      `  ${specifier.padEnd(28)} ${above(({ milliseconds }) => milliseconds).toFixed(0)} ms, CPU ${above(({ cpuMilliseconds }) => cpuMilliseconds).toFixed(0)} ms, ` +
        `${above(({ megabytes }) => megabytes).toFixed(1)} MB: ${packages.join(", ")}${tooHeavy.length > 0 ? "  MISSED" : ""}`,
    );
  }
}

/**
 * @param {readonly string[]} parameters
 * @returns {Promise<Imported>}
 */
async function importOnce(...parameters) {
  const { stdout } = await run(process.execPath, [script, ...parameters]);
  return JSON.parse(stdout);
}
