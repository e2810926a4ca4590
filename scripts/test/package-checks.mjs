import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { gzipSizeOf } from "./bundle-size.mjs";
import { runCommand } from "./run-command.mjs";

/**
 * Looks at the packages as a stranger would who installs them: at their tarballs.
 * @typedef {{ name: string, filename: string, unpackedSize: number, files: { path: string, size: number }[] }} Packed
 */

const budgets = JSON.parse(readFileSync("scripts/test/size-budgets.json", "utf8"));
const esmOnlyEntries = new Set(["@maskery/core/testing"]); // vitest cannot be loaded with require()
const modelFiles = ["encoder.onnx", "decoder.onnx", "maskery.json", "model-card.md"];

/**
 * @param {import("./tally.mjs").Tally} tally
 * @param {string} scratchFolder
 */
export async function checkPackages(tally, scratchFolder) {
  /** @type {Packed[]} */
  let packed = [];
  const names = Object.keys(budgets);
  await tally.check("npm pack", async () => {
    packed = await pack(names, scratchFolder);
  });
  for (const { name, filename, unpackedSize, files } of packed) {
    const folder = name.replace("@maskery/", "packages/");
    console.log(`        ${name}: ${files.length} files, ${(unpackedSize / 1e3).toFixed(0)} kB unpacked`);
    if (name === "@maskery/model-nano") {
      await tally.check(`${name} holds its files and stays small`, () => checkModelFiles(files));
      continue;
    }
    const tarball = readFileSync(join(scratchFolder, filename));
    await tally.check(`${name}: publint`, () => lintPackage(tarball));
    await tally.check(`${name}: types resolve in every module system`, () => checkTypes(tarball, name));
    await tally.check(`${name}: size`, () => checkSize(name, folder));
  }
}

/**
 * @param {readonly string[]} names
 * @param {string} destination
 * @returns {Promise<Packed[]>}
 */
async function pack(names, destination) {
  const workspaces = names.map((name) => `--workspace=${name}`);
  const output = await runCommand(
    "npm",
    ["pack", "--json", "--loglevel=error", `--pack-destination=${destination}`, ...workspaces],
    {
      capture: true,
    },
  );
  /** @type {Packed[] | Record<string, Packed>} */
  const packed = JSON.parse(output);
  return Object.values(packed); // a list up to npm 11, an object by name from npm 12 on
}

/** @param {Buffer} tarball */
async function lintPackage(tarball) {
  const bytes = new Uint8Array(tarball).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  if (messages.length === 0) return;
  throw new Error(messages.map((message) => formatMessage(message, pkg, { color: false })).join("\n"));
}

/**
 * @param {Buffer} tarball
 * @param {string} name
 */
async function checkTypes(tarball, name) {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(tarball)));
  if (!result.types) throw new Error("The package has no types.");
  const problems = result.problems.filter((problem) => {
    if (!("resolutionKind" in problem)) return true;
    // "node10" resolution ignores `exports`; TypeScript itself has deprecated it.
    if (problem.resolutionKind === "node10") return false;
    const entry = `${name}${problem.entrypoint.slice(1)}`;
    return !(problem.kind === "CJSResolvesToESM" && esmOnlyEntries.has(entry));
  });
  if (problems.length > 0) throw new Error(problems.map((problem) => JSON.stringify(problem)).join("\n"));
}

/** @param {Packed["files"]} files */
function checkModelFiles(files) {
  const missing = modelFiles.filter((name) => !files.some((file) => file.path === name));
  if (missing.length > 0) throw new Error(`Not in the package: ${missing.join(", ")}`);
  const megabytes = files.reduce((sum, file) => sum + file.size, 0) / 1e6;
  const limit = budgets["@maskery/model-nano"].unpackedMB;
  if (megabytes >= limit) throw new Error(`${megabytes.toFixed(2)} MB; the budget is ${limit} MB`);
}

/**
 * @param {string} name
 * @param {string} folder
 */
function checkSize(name, folder) {
  const { entries, gzipKiB, apart = {} } = budgets[name];
  /** @type {[string, readonly string[], number][]} */
  const parts = [[name, entries, gzipKiB]];
  // Entry points that are loaded only by those who ask for them have a budget of their own.
  for (const [entry, limit] of Object.entries(apart)) parts.push([`${name} ${entry}`, [entry], limit]);
  for (const [title, files, limit] of parts) {
    const size = gzipSizeOf(join(folder, "dist"), files) / 1024;
    console.log(`        ${title}: ${size.toFixed(1)} KiB gzipped, budget ${limit} KiB`);
    if (size > limit) throw new Error(`${title}: ${size.toFixed(1)} KiB gzipped; the budget is ${limit} KiB`);
  }
}
