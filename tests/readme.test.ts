import { execFile } from "node:child_process";
import { access, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeBlocks } from "./support/code-blocks.js";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");
// Inside the repository, so that the packages are found in its node_modules, but outside every package.
const scratchFolder = join(root, ".tmp");

/** Pages whose TypeScript snippets are, in order, one program. It finds the photographs that the page names beside it. */
const pages = [
  "README.md",
  "packages/node/README.md",
  "packages/core/README.md",
  "docs/masks-and-paint.md",
  "docs/dicom.md",
];

/** Photographs that the pages call by simpler names. */
const photos = {
  "cat.png": "chelsea.png",
  "person.png": "astronaut.png",
  "coins.png": "coins.png",
  "cup.png": "coffee.png",
  "slice.dcm": "../../packages/node/test/dicom/dcmtk-extended-12-bit.dcm",
};

describe.each(pages)("the snippets of %s", (page) => {
  let folder = "";
  let program = "";

  beforeAll(async () => {
    await mkdir(scratchFolder, { recursive: true });
    folder = await mkdtemp(join(scratchFolder, "readme-"));
    const markdown = await readFile(join(root, page), "utf8");
    program = codeBlocks(markdown, "ts").join("\n\n");
    for (const [name, photo] of Object.entries(photos)) {
      await copyFile(join(root, "examples/photos", photo), join(folder, name));
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("pass the type check", async () => {
    const path = join(folder, "snippets.ts");
    await writeFile(path, program);
    const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(
      { ...config, include: [], files: [path] },
      ts.sys,
      root,
    );
    const diagnostics = ts.getPreEmitDiagnostics(
      ts.createProgram([path], { ...options, noUnusedLocals: false }),
    );
    expect(ts.formatDiagnostics(diagnostics, diagnosticsHost)).toBe("");
  }, 120_000);

  it("run on the built packages and write the files that they name", async () => {
    const { outputText } = ts.transpileModule(program, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    await writeFile(join(folder, "snippets.mjs"), outputText);
    const { stderr } = await run(process.execPath, ["snippets.mjs"], { cwd: folder });
    expect(stderr).toBe("");
    const written = await readdir(folder);
    for (const [, name] of program.matchAll(/toFile\("([^"]+)"/g)) expect(written).toContain(name);
  });
});

describe("the commands of README.md", () => {
  it("are those of package.json and of the command line", async () => {
    const markdown = await readFile(join(root, "README.md"), "utf8");
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    const shell = codeBlocks(markdown, "sh").join("\n");
    for (const [, name] of shell.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name);
    const command = join(root, "packages/node/dist/cli.js");
    for (const [, name] of shell.matchAll(/^npx maskery (\w+)/gm)) {
      const { stdout } = await run(process.execPath, [command, name!, "--help"]);
      expect(stdout).toContain(`Usage: maskery ${name}`);
    }
  });

  it("point only to files that exist", async () => {
    for (const page of [...pages, "docs/architecture.md", "docs/command-line.md"]) {
      const markdown = await readFile(join(root, page), "utf8");
      for (const [, target] of markdown.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        await expect(access(join(root, page, "..", target!)), `${page}: ${target}`).resolves.toBeUndefined();
      }
    }
  });
});

const diagnosticsHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => root,
  getNewLine: () => "\n",
};
