import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { maskery, photo } from "./cli-process.js";

const cat = photo("chelsea.png");

describe("maskery", () => {
  it("prints its version", async () => {
    const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await maskery(["--version"])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("prints help for itself and for each command, with examples", async () => {
    const help = await maskery(["--help"]);
    expect(help).toMatchObject({ exitCode: 0, stderr: "" });
    expect(help.stdout).toContain("Usage: maskery [options] [command]");
    for (const command of ["segment", "evaluate"]) {
      expect(help.stdout).toContain(`  ${command} `);
      const own = await maskery([command, "--help"]);
      expect(own).toMatchObject({ exitCode: 0, stderr: "" });
      expect(own.stdout).toContain(`  $ maskery ${command} `);
      expect(own.stdout).toContain("Exit codes:");
    }
  });

  it("shows its help on standard error, with 2, when called without a command", async () => {
    const run = await maskery([]);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(run.stderr).toContain("Usage: maskery");
  });

  it("refuses an unknown command", async () => {
    const run = await maskery(["segmnt"]);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(run.stderr).toBe("maskery: unknown command 'segmnt' (Did you mean segment?)\n");
  });

  it("shows the whole error only when MASKERY_DEBUG is 1", async () => {
    const args = ["segment", "missing.png", "--point", "1,1"];
    expect((await maskery(args)).stderr).not.toContain("    at ");
    expect((await maskery(args, { env: { MASKERY_DEBUG: "1" } })).stderr).toContain("    at ");
  });

  it("fails with 1 for a device that this machine does not have", async () => {
    const run = await maskery(["segment", cat, "--point", "5,5", "--device", "abacus"]);
    expect(run).toMatchObject({ exitCode: 1, stdout: "" });
    expect(run.stderr).toMatch(/^maskery: device: expected [^\n]+ received "abacus"\n$/);
  });

  it("takes a device for each half", async () => {
    const segment = (device: string) =>
      maskery(["segment", cat, "--point", "200,150", "--json", "--device", device]);
    const run = await segment("encoder=cpu,decoder=cpu");
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(run.stdout)).toMatchObject({ device: "cpu" });
    const absent = await segment("encoder=cpu,decoder=abacus");
    expect(absent).toMatchObject({ exitCode: 1, stdout: "" });
    expect(absent.stderr).toMatch(/^maskery: device: expected [^\n]+ received "abacus"\n$/);
    const twice = await segment("encoder=cpu,encoder=cpu");
    expect(twice).toMatchObject({ exitCode: 2, stdout: "" });
    expect(twice.stderr).toMatch(/^maskery: --device: expected [^\n]+encoder=…,decoder=…/);
  }, 30_000);

  it("says nothing when the reader of its output leaves", async () => {
    const run = await maskery(["segment", cat, "--point", "200,150", "--json"], { closeStdout: true });
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  });
});
