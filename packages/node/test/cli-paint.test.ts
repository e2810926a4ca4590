import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mask } from "@maskery/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maskery, photo } from "./cli-process.js";

const coins = photo("coins.png");
const WIDTH = 384;
const HEIGHT = 303;
const BOX = ["--box", "302,12,368,74"];

let folder: string;
const at = (name: string) => join(folder, name);

/** A box in the middle of the picture, as a mask of its own. */
const middle = Mask.fromBitmap(
  Uint8Array.from({ length: WIDTH * HEIGHT }, (_, pixel) => {
    const [x, y] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
    return x >= 100 && x < 200 && y >= 100 && y < 150 ? 1 : 0;
  }),
  WIDTH,
  HEIGHT,
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-paint-"));
  await writeFile(at("middle.json"), JSON.stringify(middle.toCocoRle()));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function succeed(...args: string[]): Promise<string> {
  const run = await maskery(args);
  expect(run.stderr).toBe("");
  expect(run.exitCode).toBe(0);
  return run.stdout;
}

async function pixelsOf(
  path: string,
): Promise<{ at: (x: number, y: number) => number[]; width: number; height: number }> {
  const { data, info } = await sharp(path)
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    at: (x, y) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)],
    width: info.width,
    height: info.height,
  };
}

describe("maskery cutout", () => {
  it("takes out what a mask says, cropped, onto a colour", async () => {
    await succeed(
      "cutout",
      coins,
      "--mask",
      at("middle.json"),
      "--crop",
      "--padding",
      "5",
      "--background",
      "#ff0000",
      "--out",
      at("card.png"),
    );
    const [card, whole] = await Promise.all([pixelsOf(at("card.png")), pixelsOf(coins)]);
    expect([card.width, card.height]).toEqual([110, 60]);
    expect(card.at(0, 0)).toEqual([255, 0, 0, 255]);
    expect(card.at(55, 30)).toEqual(whole.at(150, 125));
  });

  it("finds the object by a prompt; transparent outside", async () => {
    expect(await succeed("cutout", coins, ...BOX, "--out", at("coin.png"))).toMatch(
      /^Wrote .*coin\.png: 384 × 303, \d+ px/,
    );
    const [coin, whole] = await Promise.all([pixelsOf(at("coin.png")), pixelsOf(coins)]);
    expect(coin.at(5, 5)[3]).toBe(0);
    expect(coin.at(335, 44)).toEqual(whole.at(335, 44));
  });

  it.each([
    ["no prompt and no mask", [], /--point: expected at least one/],
    [
      "both",
      [...BOX, "--mask", "x.png"],
      /--mask: expected either masks, or points and boxes, received "both"/,
    ],
    ["a colour that is none", ["--mask", "MIDDLE", "--background", "blu"], /background: expected/],
    [
      "a JPEG without a ground",
      ["--mask", "MIDDLE", "--out", "OUT.jpg"],
      /--background: expected a colour, blur or a picture/,
    ],
    [
      "padding without crop",
      ["--mask", "MIDDLE", "--padding", "4"],
      /--padding: expected together with --crop/,
    ],
    ["another extension", ["--mask", "MIDDLE", "--out", "OUT.gif"], /--out: expected a name ending in \.png/],
  ])("refuses %s", async (_name, args, message) => {
    const given = args.map((arg) =>
      arg === "MIDDLE" ? at("middle.json") : arg.startsWith("OUT") ? at(arg) : arg,
    );
    const run = await maskery([
      "cutout",
      coins,
      ...given,
      ...(given.includes("--out") ? [] : ["--out", at("OUT.png")]),
    ]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(/^maskery: [^\n]+\n$/);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect((await readdir(folder)).filter((name) => name.startsWith("OUT"))).toEqual([]);
  });
});

describe("maskery paint", () => {
  const middleLayer = (settings: object) => [
    "--layer",
    JSON.stringify({ mask: at("middle.json"), ...settings }),
  ];

  it("paints layers in order, and a recipe gives the same picture again", async () => {
    const layers = [...middleLayer({ color: "#00ff00" }), ...middleLayer({ color: "#ff0000", opacity: 0.5 })];
    await succeed("paint", coins, ...layers, "--out", at("painted.png"), "--save-recipe", at("recipe.json"));
    const [painted, whole] = await Promise.all([pixelsOf(at("painted.png")), pixelsOf(coins)]);
    expect(painted.at(150, 125)).toEqual([128, 128, 0, 255]);
    expect(painted.at(50, 50)).toEqual(whole.at(50, 50));
    await succeed("paint", coins, "--recipe", at("recipe.json"), "--out", at("again.png"));
    expect(await readFile(at("again.png"))).toEqual(await readFile(at("painted.png")));
  });

  it("finds masks of a recipe by their content", async () => {
    const info = JSON.parse(await succeed("mask", "info", at("middle.json"), "--json")) as {
      masks: { id: string }[];
    };
    const recipe = { version: 1, layers: [{ mask: { id: info.masks[0]!.id }, color: "blue" }] };
    await writeFile(at("by-id.json"), JSON.stringify(recipe));
    await succeed(
      "paint",
      coins,
      "--recipe",
      at("by-id.json"),
      "--mask",
      at("middle.json"),
      "--out",
      at("blue.png"),
    );
    expect((await pixelsOf(at("blue.png"))).at(150, 125)).toEqual([0, 0, 255, 255]);
    const run = await maskery(["paint", coins, "--recipe", at("by-id.json"), "--out", at("blue2.png")]);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(run.stderr).toMatch(/there is no mask/);
  });

  it("colours what a prompt finds, from options and from a layer alike", async () => {
    await succeed("paint", coins, ...BOX, "--color", "#ff0000", "--out", at("by-option.png"));
    const layer = JSON.stringify({ box: { x0: 302, y0: 12, x1: 368, y1: 74 }, color: "#ff0000" });
    await succeed("paint", coins, "--layer", layer, "--out", at("by-layer.png"));
    expect(await readFile(at("by-layer.png"))).toEqual(await readFile(at("by-option.png")));
    expect((await pixelsOf(at("by-layer.png"))).at(335, 44)).toEqual([255, 0, 0, 255]);
  });

  it("lays a pattern from a file", async () => {
    await sharp({ create: { width: 4, height: 4, channels: 3, background: "#0000ff" } })
      .png()
      .toFile(at("tile.png"));
    await succeed(
      "paint",
      coins,
      ...middleLayer({ pattern: { image: at("tile.png") } }),
      "--out",
      at("tiled.png"),
    );
    expect((await pixelsOf(at("tiled.png"))).at(150, 125)).toEqual([0, 0, 255, 255]);
  });

  const cases: [name: string, args: () => string[], message: RegExp][] = [
    ["nothing to paint", () => [], /--layer: expected a --layer, a --recipe/],
    [
      "a colour without an object",
      () => ["--color", "red"],
      /--color: expected together with --point or --box/,
    ],
    ["an object without a colour", () => BOX, /--color: expected a colour together with --box/],
    ["a layer that is no JSON", () => ["--layer", "{mask"], /--layer\[0\]: expected JSON/],
    [
      "opacity 2",
      () => middleLayer({ color: "red", opacity: 2 }),
      /--layer\[0\]\.opacity: expected at most 1, received 2/,
    ],
    [
      "a colour that is none",
      () => middleLayer({ color: "redd" }),
      /--layer\[0\]\.color: expected a CSS colour/,
    ],
    [
      "two fills",
      () => middleLayer({ color: "red", pattern: { image: "x.png" } }),
      /--layer\[0\]: expected exactly one of color/,
    ],
    [
      "a layer without a mask",
      () => ["--layer", '{"color":"red"}'],
      /--layer\[0\]\.mask: expected either a mask, or points and box/,
    ],
    ["a missing mask", () => ["--layer", '{"mask":"missing.png","color":"red"}'], /missing\.png: /],
    [
      "a mask of another size",
      () => ["--layer", JSON.stringify({ mask: Mask.full(4, 4).toCocoRle(), color: "red" })],
      /mask: expected/,
    ],
    [
      "a point outside the picture",
      () => ["--layer", '{"points":[{"x":9999,"y":1}],"color":"red"}'],
      /--layer\[0\]\.points\[0\]\.x: expected a pixel inside/,
    ],
    [
      "an option's point outside",
      () => ["--point", "9999,1", "--color", "red"],
      /--point 9999,1 \(points\[0\]\.x\): expected a pixel inside/,
    ],
    ["a missing recipe", () => ["--recipe", "missing.json"], /--recipe: expected a file/],
    [
      "a newer recipe",
      () => ["--recipe", at("newer.json")],
      /--recipe .*newer\.json: recipe\.version: expected 1, received 2/,
    ],
    ["a missing pattern", () => middleLayer({ pattern: { image: "missing.png" } }), /missing\.png/],
  ];

  it.each(cases)("refuses %s with 2 and one line", async (_name, args, message) => {
    await writeFile(at("newer.json"), '{"version":2,"layers":[]}');
    const run = await maskery(["paint", coins, ...args(), "--out", at("never.png")]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(/^maskery: [^\n]+\n$/);
    expect(run).toMatchObject({ exitCode: 2, stdout: "" });
    expect(await readdir(folder)).not.toContain("never.png");
  });
});
