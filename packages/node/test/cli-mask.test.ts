import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mask } from "@maskery/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskery, photo } from "./cli-process.js";

const WIDTH = 64;
const HEIGHT = 48;

let folder: string;
const at = (name: string) => join(folder, name);

/** A ring with a hole, and a piece of its own. */
const ring = drawn(
  (x, y) => (within(x, y, 8, 8, 40, 40) && !within(x, y, 20, 20, 28, 28)) || within(x, y, 50, 4, 60, 10),
);
const square = drawn((x, y) => within(x, y, 30, 10, 60, 30));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-mask-"));
  await writeFile(at("ring.json"), JSON.stringify(ring.toCocoRle()));
  await writeFile(at("square.json"), JSON.stringify(square.toRle()));
  await writeFile(at("both.json"), JSON.stringify([ring.toCocoRle(), square.toCocoRle()]));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function within(x: number, y: number, x0: number, y0: number, x1: number, y1: number): boolean {
  return x >= x0 && x < x1 && y >= y0 && y < y1;
}

function drawn(isInside: (x: number, y: number) => boolean): Mask {
  const bitmap = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, pixel) =>
    isInside(pixel % WIDTH, Math.floor(pixel / WIDTH)) ? 1 : 0,
  );
  return Mask.fromBitmap(bitmap, WIDTH, HEIGHT);
}

async function succeed(...args: string[]): Promise<string> {
  const run = await maskery(["mask", ...args]);
  expect(run.stderr).toBe("");
  expect(run.exitCode).toBe(0);
  return run.stdout;
}

interface Info {
  readonly image: { readonly width: number; readonly height: number };
  readonly masks: readonly {
    area: number;
    bbox: object;
    centroid: object;
    pieces: number;
    holes: number;
    id: string;
  }[];
}

const info = async (...args: string[]): Promise<Info> =>
  JSON.parse(await succeed("info", ...args, "--json")) as Info;

describe("maskery mask info", () => {
  it("describes every mask of a file", async () => {
    const { image, masks } = await info(at("both.json"));
    expect(image).toEqual({ width: WIDTH, height: HEIGHT });
    expect(masks.map(({ area, pieces, holes }) => [area, pieces, holes])).toEqual([
      [ring.area, 2, 1],
      [square.area, 1, 0],
    ]);
    expect(masks[1]).toMatchObject({ bbox: square.bbox, centroid: { x: 44.5, y: 19.5 } });
    expect(masks[0]!.id).toMatch(/^[0-9a-f]{64}$/);
    expect(await succeed("info", at("both.json"))).toContain("64 × 48 pixels");
  });
});

describe("maskery mask convert", () => {
  const size = ["--size", `${WIDTH}x${HEIGHT}`];

  it.each([
    ["ring.png", [], []],
    ["ring1.png", ["--format", "png1"], []],
    ["ring.webp", [], []],
    ["ring.svg", [], []],
    ["ring.geojson", [], size],
    ["ring.txt", [], size],
    ["ring.gz", [], []],
    ["dataset.json", ["--format", "coco"], []],
  ])("keeps every pixel and every hole on the way through %s", async (name, writing, reading) => {
    await succeed("convert", at("ring.json"), "--out", at(name), ...writing);
    await succeed("convert", at(name), "--out", at("back.json"), ...reading);
    const back = Mask.fromRle(
      JSON.parse(await readFile(at("back.json"), "utf8")) as { size: [number, number]; counts: string },
    );
    expect(back.iou(ring)).toBe(1);
  });

  it("writes several masks as a label map, a dataset or a list", async () => {
    expect(
      await succeed("convert", at("both.json"), "--format", "labels", "--out", at("labels.png")),
    ).toContain("2 masks");
    const labels = await sharp(at("labels.png")).toColourspace("b-w").raw().toBuffer();
    expect(new Set(labels)).toEqual(new Set([0, 1, 2]));
    await succeed("convert", at("both.json"), "--format", "coco", "--out", at("coco.json"));
    expect((await info(at("coco.json"))).masks.map(({ area }) => area)).toEqual([ring.area, square.area]);
  });

  it("reads what `segment --json` prints", async () => {
    const printed = { masks: [{ score: 0.5, rle: ring.toCocoRle() }] };
    await writeFile(at("printed.json"), JSON.stringify(printed));
    expect((await info(at("printed.json"))).masks[0]!.area).toBe(ring.area);
  });
});

describe("maskery mask combine", () => {
  it.each([
    ["union", ring.union(square)],
    ["intersect", ring.intersect(square)],
    ["subtract", ring.subtract(square)],
    ["xor", ring.xor(square)],
  ])("%s", async (operation, expected) => {
    await succeed(
      "combine",
      at("ring.json"),
      at("square.json"),
      "--operation",
      operation,
      "--out",
      at("combined.json"),
    );
    const rle = JSON.parse(await readFile(at("combined.json"), "utf8")) as {
      size: [number, number];
      counts: string;
    };
    expect(Mask.fromRle(rle).iou(expected)).toBe(1);
  });
});

describe("maskery mask refine", () => {
  it("fills holes, drops specks and grows, in pixels and shares", async () => {
    await succeed(
      "refine",
      at("ring.json"),
      "--fill-holes",
      "--drop-specks",
      "10%",
      "--grow",
      "2",
      "--out",
      at("refined.json"),
    );
    const { masks } = await info(at("refined.json"));
    expect(masks[0]).toMatchObject({ pieces: 1, holes: 0, bbox: { x: 6, y: 6, width: 36, height: 36 } });
  });

  it("writes a soft edge as grays, and reads it again", async () => {
    await succeed("refine", at("square.json"), "--feather", "3", "--out", at("soft.png"));
    const grays = new Set(await sharp(at("soft.png")).toColourspace("b-w").raw().toBuffer());
    expect(grays.size).toBeGreaterThan(2);
    await succeed("convert", at("soft.png"), "--out", at("again.png"));
    expect(await readFile(at("again.png"))).toEqual(await readFile(at("soft.png")));
  });
});

describe("maskery mask with bad input", () => {
  beforeAll(async () => {
    await writeFile(at("broken.json"), '{"size":[48,64],"counts":"zzzz"}');
    await writeFile(at("half.json"), '{"size":[48,');
    await writeFile(at("small.json"), JSON.stringify(Mask.full(4, 4).toCocoRle()));
    await writeFile(at("text.txt"), "hello");
    const png = await sharp({ create: { width: 20, height: 20, channels: 3, background: "white" } })
      .png()
      .toBuffer();
    await writeFile(at("cut.png"), png.subarray(0, png.length - 30));
  });

  const cases: [name: string, args: () => string[], message: RegExp][] = [
    ["a missing file", () => ["info", at("missing.png")], /missing\.png: /],
    ["broken run lengths", () => ["info", at("broken.json")], /broken\.json: rle\.counts: expected/],
    ["half a JSON file", () => ["info", at("half.json")], /half\.json: expected JSON/],
    ["a truncated picture", () => ["info", at("cut.png")], /cut\.png: /],
    ["text", () => ["info", at("text.txt")], /text\.txt: expected a picture, COCO run lengths/],
    [
      "masks of different sizes",
      () => ["combine", at("ring.json"), at("small.json"), "--out", at("no.png")],
      /masks\[1\]: expected/,
    ],
    [
      "an unknown operation",
      () => ["combine", at("ring.json"), "--operation", "plus", "--out", at("no.png")],
      /--operation: expected union/,
    ],
    [
      "GeoJSON without a size",
      () => ["convert", at("given.geojson"), "--out", at("no.png")],
      /given\.geojson: --size: expected/,
    ],
    [
      "a size that is none",
      () => ["info", at("ring.json"), "--size", "64"],
      /--size: expected width x height/,
    ],
    ["no output", () => ["convert", at("ring.json")], /--out: expected a file/],
    [
      "an unknown extension",
      () => ["convert", at("ring.json"), "--out", at("no.tiff")],
      /--out: expected a name ending in/,
    ],
    [
      "a clash of name and format",
      () => ["convert", at("ring.json"), "--format", "svg", "--out", at("no.png")],
      /--out: expected a name ending in \.svg/,
    ],
    [
      "several masks in a format of one",
      () => ["convert", at("both.json"), "--out", at("no.png")],
      /--format: expected rle, coco, yolo, labels for 2 masks/,
    ],
    [
      "the input as the output",
      () => ["convert", at("ring.json"), "--out", at("ring.json")],
      /--out: expected another file/,
    ],
    [
      "no step",
      () => ["refine", at("ring.json"), "--out", at("no.png")],
      /--smooth: expected at least one step/,
    ],
    [
      "a size below nothing",
      () => ["refine", at("ring.json"), "--grow", "-2", "--out", at("no.png")],
      /--grow: expected pixels/,
    ],
    [
      "a matte without a picture",
      () => ["refine", at("ring.json"), "--matte", "--out", at("no.png")],
      /--image: expected the mask's picture/,
    ],
    [
      "a picture of another size",
      () => ["refine", at("ring.json"), "--matte", "--image", photo("coins.png"), "--out", at("no.png")],
      /image/,
    ],
  ];

  it.each(cases)("refuses %s with 2 and one line", async (_name, args, message) => {
    await writeFile(
      at("given.geojson"),
      JSON.stringify({
        type: "Polygon",
        coordinates: [
          [
            [0, 0],
            [9, 0],
            [9, 9],
            [0, 0],
          ],
        ],
      }),
    );
    const run = await maskery(["mask", ...args()]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(/^maskery: [^\n]+\n$/);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect((await readdir(folder)).filter((name) => name.startsWith("no."))).toEqual([]);
  });
});
