import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskery } from "./cli-process.js";

const WIDTH = 320;
const HEIGHT = 240;

let root: string;
let dataset: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "maskery-evaluate-"));
  dataset = join(root, "discs");
  await mkdir(dataset);
  await writeScene(dataset, "bright_one", [{ x: 110, y: 120, radius: 60, color: [240, 230, 90] }]);
  await writeScene(dataset, "dark_two", [{ x: 200, y: 110, radius: 70, color: [20, 40, 160] }]);
});

afterAll(() => rm(root, { recursive: true, force: true }));

interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly color: readonly [number, number, number];
}

/** A picture of discs on a gray ground, and its label map: disc 1, 2, …. */
async function writeScene(folder: string, name: string, discs: readonly Disc[]): Promise<void> {
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3).fill(128);
  const labels = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const index = discs.findIndex((disc) => (disc.x - x) ** 2 + (disc.y - y) ** 2 <= disc.radius ** 2);
      if (index < 0) continue;
      pixels.set(discs[index]!.color, (y * WIDTH + x) * 3);
      labels[y * WIDTH + x] = index + 1;
    }
  }
  const rgb = sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
  const gray = sharp(labels, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace("b-w");
  await writeFile(join(folder, `${name}.jpg`), await rgb.jpeg().toBuffer());
  await writeFile(join(folder, `${name}.0.png`), await gray.png().toBuffer());
}

interface Report {
  readonly model: string;
  readonly protocol: object;
  readonly all: {
    readonly objects: number;
    readonly meanIou: number[];
    readonly oracleIou: number[];
    readonly boundaryF1: number[];
    readonly numberOfClicks: Record<string, { clicks: number; failures: number }>;
    readonly calibration: { readonly best: { readonly meanAbsoluteError: number } };
    readonly box?: { readonly meanIou: number };
  };
  readonly sources: Record<string, { readonly objects: number }>;
  readonly objects: { image: string; map: number; value: number; ious: number[]; boxIou?: number }[];
}

async function evaluate(...args: string[]): Promise<Report> {
  const run = await maskery(["evaluate", dataset, ...args, "--json"]);
  expect(run.stderr).toBe("");
  expect(run.exitCode).toBe(0);
  return JSON.parse(run.stdout) as Report;
}

describe("maskery evaluate", () => {
  it("measures the built-in model on plain discs, through the SDK itself", async () => {
    const report = await evaluate("--clicks", "2", "--click-limit", "3", "--box");
    expect(report.model).toBe("nano");
    expect(report.protocol).toEqual({
      clicks: 2,
      clickLimit: 3,
      feedback: true,
      objects: "one",
      maps: "first",
      seed: 3,
    });
    expect(report.all.objects).toBe(2);
    expect(Object.keys(report.sources)).toEqual(["bright", "dark"]);
    expect(report.all.meanIou).toHaveLength(2);
    // A disc on a plain ground is as easy as pictures get; any model that works at all finds it.
    expect(report.all.meanIou[1]).toBeGreaterThan(0.6);
    report.all.oracleIou.forEach((iou, click) => {
      expect(iou).toBeGreaterThanOrEqual(report.all.meanIou[click]!);
    });
    expect(report.all.box!.meanIou).toBeGreaterThan(0.6);
    expect(Object.keys(report.all.numberOfClicks)).toEqual(["80", "85", "90"]);
    expect(report.objects.map(({ image }) => image)).toEqual(["bright_one.jpg", "dark_two.jpg"]);
  });

  it("takes its own report as a selection and gives the same numbers; prints a table", async () => {
    const first = await evaluate("--clicks", "1", "--click-limit", "1");
    const path = join(root, "report.json");
    await writeFile(path, JSON.stringify(first));
    const second = await evaluate("--clicks", "1", "--click-limit", "1", "--selection", path);
    expect(second.objects).toEqual(first.objects);
    const table = await maskery(["evaluate", dataset, "--clicks", "1", "--click-limit", "1", "--limit", "1"]);
    expect(table).toMatchObject({ exitCode: 0, stderr: "" });
    expect(table.stdout).toContain("1 objects in 1 pictures, model nano on cpu");
    expect(table.stdout).toMatch(/source +objects +1 +NoC@80 +NoC@85 +NoC@90/);
  });

  it.each([
    ["a missing folder", () => [join(root, "missing")], /^maskery: dir: expected a folder/],
    ["a folder without label maps", () => [root], /expected pictures name\.jpg with label maps/],
    [
      "no clicks",
      () => [dataset, "--clicks", "0"],
      /--clicks: expected a whole number, 1 to 100, received "0"/,
    ],
    [
      "other feedback",
      () => [dataset, "--feedback", "maybe"],
      /--feedback: expected on or off, received "maybe"/,
    ],
    ["an unknown model", () => [dataset, "--model", "nonesuch"], /model: expected/],
    [
      "a missing selection",
      () => [dataset, "--selection", join(root, "missing.json")],
      /--selection: expected a file/,
    ],
  ])("refuses %s with 2 and one line", async (_name, args, message) => {
    const run = await maskery(["evaluate", ...args(), "--json"]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(/^maskery: [^\n]+\n$/);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("stops on Ctrl-C with 130", async () => {
    // A hundred objects of a hundred clicks: far more than runs before the signal comes.
    const folder = join(root, "many");
    await mkdir(folder);
    const discs = Array.from({ length: 100 }, (_, index) => ({
      x: 16 + 32 * (index % 10),
      y: 12 + 24 * Math.floor(index / 10),
      radius: 12,
      color: [(index * 67) % 256, (index * 131) % 256, (index * 29) % 256] as const,
    }));
    await writeScene(folder, "many", discs);
    const run = await maskery(["evaluate", folder, "--objects", "all", "--clicks", "100", "--json"], {
      interruptAfterMs: 2500,
    });
    expect(run).toMatchObject({ exitCode: 130, stdout: "", stderr: "" });
  });
});
