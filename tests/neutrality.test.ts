import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { analyseModule, type ModuleNeeds, universalNames } from "./support/free-names.js";

const builtFolder = join(import.meta.dirname, "../packages/core/dist");

const foreignNames = ({ freeNames }: ModuleNeeds) => freeNames.filter((name) => !universalNames.has(name));

describe("the built core", () => {
  const modules = new Map<string, ModuleNeeds>();

  /** The built files that an entry reaches, itself included. */
  function reachedFrom(entry: string, reached = new Set<string>()): Set<string> {
    if (reached.has(entry)) return reached;
    reached.add(entry);
    for (const name of modules.get(entry)?.imports ?? []) {
      if (name.startsWith("./")) reachedFrom(name.slice(2), reached);
    }
    return reached;
  }
  const outsideImportsOf = (entry: string) =>
    new Set(
      [...reachedFrom(entry)]
        .flatMap((file) => modules.get(file)?.imports ?? [])
        .filter((name) => !name.startsWith("./")),
    );

  beforeAll(() => {
    if (!existsSync(join(builtFolder, "index.js")))
      throw new Error("packages/core is not built: npm run build");
    for (const file of readdirSync(builtFolder).filter((name) => name.endsWith(".js"))) {
      modules.set(file, analyseModule(readFileSync(join(builtFolder, file), "utf8")));
    }
  });

  it("imports zod and lru-cache, nothing else: no Node builtin", () => {
    expect(
      [...outsideImportsOf("index.js")].filter((name) => name !== "zod" && name !== "lru-cache"),
    ).toEqual([]);
  });

  it("imports vitest, and only it, for the contract suites", () => {
    const allowed = new Set(["zod", "lru-cache", "vitest"]);
    expect([...outsideImportsOf("testing.js")].filter((name) => !allowed.has(name))).toEqual([]);
  });

  it("names no Node or DOM global", () => {
    const foreign = [...modules].map(([file, needs]) => [file, foreignNames(needs)] as const);
    expect(foreign.filter(([, names]) => names.length > 0)).toEqual([]);
  });
});

describe("the analyser itself", () => {
  it.each([
    ["console.log(process.env.HOME);", ["console", "process"]],
    ["export const size = () => window.innerWidth;", ["window"]],
    ["export const isNode = typeof Buffer !== 'undefined';", ["Buffer"]],
    [
      "const fs = require('fs'); export default [fs, __dirname, module.exports];",
      ["__dirname", "module", "require"],
    ],
    ["export const draw = (x) => x instanceof ImageData || x instanceof Blob;", ["Blob", "ImageData"]],
    ["globalThis.process?.exit(); globalThis['localStorage'].x;", ["localStorage", "process"]],
    ["const { navigator } = globalThis; export { navigator };", ["globalThis"]],
    ["export class Box extends HTMLElement { static worker = new Worker('x'); }", ["HTMLElement", "Worker"]],
  ])("catches the foreign names in %s", (code, names) => {
    expect(foreignNames(analyseModule(code))).toEqual(names);
  });

  it("lets neutral code pass: own names, properties and the universal names", () => {
    const code = `
      const process = { env: 1 };
      export function run(window, { document = 1, ...rest }) {
        const signal = AbortSignal.timeout(5);
        try { setTimeout(() => structuredClone(rest), performance.now()); } catch (navigator) { return navigator; }
        return { fetch: process.env, window, document, signal, self: rest.Buffer, when: new Intl.DateTimeFormat() };
      }`;
    expect(foreignNames(analyseModule(code))).toEqual([]);
  });

  it("sees every way to import", () => {
    const code = `
      import fs from "fs"; import "node:path"; import * as z from "zod"; export { a } from "./a.js"; export * from "os";
      export const later = () => import("sharp"), unknown = (name) => import(name);`;
    expect(analyseModule(code).imports).toEqual([
      "(computed)",
      "./a.js",
      "fs",
      "node:path",
      "os",
      "sharp",
      "zod",
    ]);
  });
});
