import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { segformerModel } from "@maskery/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandRun, maskery } from "./cli-process.js";

describe("maskery doctor", () => {
  const folder = mkdtempSync(join(tmpdir(), "maskery-doctor-"));
  const environment = {
    MASKERY_CACHE_DIR: join(folder, "cache"),
    MASKERY_MODEL_DIR: join(folder, "models"),
    HTTPS_PROXY: "http://ann:hush@proxy.example:3128",
    HF_TOKEN: "hf_hush",
  };
  let json: CommandRun;

  beforeAll(async () => {
    const { spec, model } = segformerModel();
    mkdirSync(join(folder, "models", "named"), { recursive: true });
    writeFileSync(join(folder, "models", "named", "maskery.json"), JSON.stringify({ ...spec, id: "named" }));
    writeFileSync(join(folder, "models", "named", "model.onnx"), model);
    mkdirSync(join(folder, "models", "u2netp@v0.0.0"));
    writeFileSync(join(folder, "models", "u2netp@v0.0.0", "u2netp.onnx"), "half of it");
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

  it("knows the models of every task that are here", () => {
    const { models, warnings } = JSON.parse(json.stdout);
    expect(models).toMatchObject([
      { id: "u2netp", task: "foreground", state: "unfinished", bytes: 10 },
      { id: "named", task: "classes", state: "complete" },
    ]);
    expect(warnings).toContain(
      'the model u2netp is unfinished: "maskery models pull u2netp" goes on with it',
    );
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
    expect(stdout).toMatch(
      /\nModels\n {2}u2netp v0\.0\.0, foreground: 0\.0 MB, unfinished\n {2}named 1, classes: /,
    );
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
