import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandRun, maskery } from "./cli-process.js";

describe("maskery doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "maskery-doctor-"));
  const environment = {
    MASKERY_CACHE_DIR: join(folder, "cache"),
    HTTPS_PROXY: "http://ann:hush@proxy.example:3128",
    HF_TOKEN: "hf_hush",
  };
  let json: CommandRun;

  beforeAll(async () => {
    json = await maskery(["doctor", "--json"], { env: environment });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("finds this installation in order", () => {
    expect(json).toMatchObject({ exitCode: 0, stderr: "" });
    const report = JSON.parse(json.stdout);
    expect(report).toMatchObject({ ok: true, problems: [], versions: { node: process.versions.node } });
    expect(report.versions.onnxruntime).toMatch(/^\d+\.\d+\.\d+$/);
    expect(report.versions.sharp).toMatch(/^\d+\.\d+\.\d+/);
    expect(report.devices.at(-1)).toMatchObject({ device: "cpu", outcome: "works", halfPrecision: "right" });
    for (const device of report.devices) expect(device.reason).not.toBe("");
    expect(report.engineBuiltWith).toContain("cpu");
    expect(report.selfTest.ok).toBe(true);
    expect(report.selfTest.iou).toBeGreaterThan(0.7);
    expect(report.folders).toContainEqual({
      name: "cache",
      path: join(folder, "cache"),
      exists: false,
      writable: true,
      files: 0,
      bytes: 0,
    });
  });

  it("gives no secret and no home folder away", () => {
    expect(json.stdout).toContain("http://***@proxy.example:3128");
    expect(json.stdout).not.toContain("hush");
    expect(json.stdout).not.toContain(`"${homedir()}/`);
  });

  it("prints the same for people", async () => {
    const { exitCode, stdout } = await maskery(["doctor"], { env: environment });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Maskery \S+: everything needed works\n/);
    expect(stdout).toMatch(/\n {2}cpu +works +it answered the golden graph rightly\n/);
    expect(stdout).toContain("HF_TOKEN=(set, not shown)");
  }, 120_000);

  it("ends with 1 and names what is broken", async () => {
    const { exitCode, stdout } = await maskery(["doctor", "--json"], {
      env: { ...environment, MASKERY_OFFLINE: "perhaps" },
    });
    expect(exitCode).toBe(1);
    const report = JSON.parse(stdout);
    expect(report.ok).toBe(false);
    expect(report.problems.join("\n")).toMatch(/MASKERY_OFFLINE: expected 1 or 0/);
  }, 120_000);

  it("counts what lies in the cache folder", async () => {
    const cache = mkdtempSync(join(folder, "full-"));
    writeFileSync(join(cache, "entry"), "12345");
    const { stdout } = await maskery(["doctor", "--json"], {
      env: { ...environment, MASKERY_CACHE_DIR: cache },
    });
    expect(JSON.parse(stdout).folders[0]).toMatchObject({ exists: true, files: 1, bytes: 5 });
  }, 120_000);
});
