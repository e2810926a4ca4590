import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { photo, run } from "./cli-process.js";

const packages = fileURLToPath(new URL("../..", import.meta.url));
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-without-server-"));
  for (const name of ["core", "node", "model-nano"]) await install(name);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts a built package where npm would, with its dependencies. @param dependencies - Default: those it states. */
async function install(name: string, dependencies?: readonly string[]): Promise<void> {
  const from = join(packages, name);
  const to = join(folder, "node_modules/@maskery", name);
  await cp(from, to, {
    recursive: true,
    filter: (path) => !/[\\/](?:node_modules|src|test|train|\.tmp)$/.test(path),
  });
  const manifest = JSON.parse(await readFile(join(from, "package.json"), "utf8")) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  const outside = Object.keys(manifest.dependencies ?? {}).filter((other) => !other.startsWith("@maskery/"));
  for (const other of dependencies ?? outside) {
    const link = join(folder, "node_modules", other);
    await mkdir(dirname(link), { recursive: true });
    await symlink(placeOf(other, from), link).catch((error: NodeJS.ErrnoException) => {
      // Another package brought it already.
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** The folder of a dependency, as `from` finds it. */
function placeOf(name: string, from: string): string {
  const found = createRequire(join(from, "package.json")).resolve.paths(name)!;
  const require = createRequire(import.meta.url);
  for (const parent of found) {
    try {
      return dirname(require.resolve(join(parent, name, "package.json")));
    } catch {
      // Further up.
    }
  }
  throw new Error(`${name} is not installed`);
}

const installed = (args: readonly string[]) =>
  run(join(folder, "node_modules/@maskery/node/bin/maskery.mjs"), args);

describe("the command where @maskery/http-adapter is not installed", () => {
  it("segments as ever", async () => {
    const { exitCode, stdout } = await installed([
      "segment",
      photo("coffee.png"),
      "--point",
      "300,180",
      "--json",
    ]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ model: "nano" });
  });

  it("serve says in one line what to install, and ends with 2", async () => {
    const { exitCode, stdout, stderr } = await installed(["serve", "--port", "0"]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toBe(
      "maskery: serve: expected the package @maskery/http-adapter, which is not installed: npm install @maskery/http-adapter\n",
    );
  });

  it("serve explains itself all the same", async () => {
    const { exitCode, stdout } = await installed(["serve", "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Needs the package @maskery/http-adapter.");
  });

  it("a part of the server that is missing is not taken for the server", async () => {
    await install("http-adapter", []);
    const { exitCode, stderr } = await installed(["serve", "--port", "0"]);
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("npm install @maskery/http-adapter");
    expect(stderr).toMatch(/Cannot find package '(?!@maskery)/);
  });
});
