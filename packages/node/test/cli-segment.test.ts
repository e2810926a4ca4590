import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Mask } from "@maskery/core";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { maskery, photo } from "./cli-process.js";

const cat = photo("chelsea.png");
const CAT_WIDTH = 451;
const CAT_HEIGHT = 300;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "maskery-cli-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Exactly what the documentation promises, and nothing besides. */
const maskSchema = z.strictObject({
  object: z.number().int().min(0).optional(),
  score: z.number(),
  area: z.number().int().min(0),
  bbox: z.strictObject({
    x: z.number().int(),
    y: z.number().int(),
    width: z.number().int(),
    height: z.number().int(),
  }),
  rle: z.strictObject({ size: z.tuple([z.number().int(), z.number().int()]), counts: z.string() }),
});

const outputSchema = z.strictObject({
  image: z.strictObject({ width: z.number().int(), height: z.number().int() }),
  model: z.string(),
  device: z.string(),
  masks: z.array(maskSchema).min(1),
  timings: z.strictObject({
    decodeMs: z.number().min(0),
    encodeMs: z.number().positive(),
    promptMs: z.number().positive(),
    totalMs: z.number().positive(),
  }),
});

/** Runs a command that must succeed with `--json`. */
async function segment(...args: string[]): Promise<z.infer<typeof outputSchema>> {
  const run = await maskery(["segment", ...args, "--json"]);
  expect(run.stderr).toBe("");
  expect(run.exitCode).toBe(0);
  expect(run.stdout.trimEnd().split("\n")).toHaveLength(1);
  return outputSchema.parse(JSON.parse(run.stdout));
}

const maskOf = (found: z.infer<typeof maskSchema>): Mask => Mask.fromRle(found.rle);

describe("maskery segment --json", () => {
  it("prints one object with the best mask", async () => {
    const { image, model, device, masks } = await segment(cat, "--point", "200,150");
    expect(image).toEqual({ width: CAT_WIDTH, height: CAT_HEIGHT });
    expect([model, device]).toEqual(["nano", "cpu"]);
    expect(masks).toHaveLength(1);
    const [found] = masks;
    const mask = maskOf(found!);
    expect(found!.object).toBeUndefined();
    expect([mask.width, mask.height]).toEqual([CAT_WIDTH, CAT_HEIGHT]);
    expect(mask.area).toBe(found!.area);
    expect(mask.bbox).toEqual(found!.bbox);
    expect(mask.contains(200, 150)).toBe(true);
  });

  it("prints every candidate with --all-masks, best first", async () => {
    const { masks } = await segment(cat, "--point", "200,150", "--all-masks");
    expect(masks).toHaveLength(3);
    const scores = masks.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((first, second) => second - first));
  });

  it("reads normalised units: the same place gives the same mask", async () => {
    // The pixel 225 is centred on 225.5 / 451, likewise down.
    const inPixels = await segment(cat, "--point", "225,149.5");
    const normalised = await segment(cat, "--units", "normalized", "--point", "0.5,0.5");
    expect(normalised.masks).toEqual(inPixels.masks);
  });

  it("takes away what a click with label 0 marks", async () => {
    const first = maskOf((await segment(photo("astronaut.png"), "--box", "15,10,370,511")).masks[0]!);
    expect(first.contains(120, 400)).toBe(true);
    const both = await segment(photo("astronaut.png"), "--box", "15,10,370,511", "--point", "120,400,0");
    const second = maskOf(both.masks[0]!);
    expect(second.contains(120, 400)).toBe(false);
    expect(second.area).toBeLessThan(first.area);
  });

  it("finds several boxes as several objects, and says which mask is whose", async () => {
    const boxes = ["302,12,368,74", "190,168,234,218"] as const;
    const { masks } = await segment(
      photo("coins.png"),
      "--box",
      boxes[0],
      "--box",
      boxes[1],
      "--point",
      "212,192",
    );
    expect(masks.map(({ object }) => object).sort()).toEqual([0, 1]);
    for (const found of masks) {
      const [x0, y0, x1, y1] = boxes[found.object!]!.split(",").map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const { x, y, width, height } = found.bbox;
      expect(x + width / 2).toBeGreaterThan(x0);
      expect(x + width / 2).toBeLessThan(x1);
      expect(y + height / 2).toBeGreaterThan(y0);
      expect(y + height / 2).toBeLessThan(y1);
    }
  });
});

describe("maskery segment --out", () => {
  const coins = photo("coins.png");
  const boxes = ["--box", "302,12,368,74", "--box", "190,168,234,218"];

  async function write(name: string, ...args: string[]): Promise<Buffer> {
    const path = join(folder, name);
    const run = await maskery(["segment", coins, ...args, "--out", path]);
    expect(run.stderr).toBe("");
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain(`Wrote ${path}`);
    return readFile(path);
  }

  it("writes a mask for .png: the union of all objects, as --json reports them", async () => {
    const path = join(folder, "mask.png");
    const { masks } = await segment(coins, ...boxes, "--out", path);
    const { data, info } = await sharp(path).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([384, 303, 1]);
    expect([...new Set(data)].sort()).toEqual([0, 255]);
    const written = Mask.fromBitmap(data, 384, 303, { threshold: 255 });
    const [first, second] = masks.map((found) => maskOf(found).toBitmap());
    const union = first!.map((value, index) => value | second![index]!);
    expect(written.iou(Mask.fromBitmap(union, 384, 303))).toBe(1);
  });

  it("writes a cut-out: the picture inside, transparent outside", async () => {
    const bytes = await write("cutout.png", ...boxes, "--format", "cutout");
    const [cut, whole] = await Promise.all(
      [sharp(bytes), sharp(coins)].map((picture) =>
        picture.toColourspace("srgb").ensureAlpha().raw().toBuffer(),
      ),
    );
    let inside = 0;
    for (let pixel = 0; pixel < 384 * 303; pixel++) {
      const alpha = cut![pixel * 4 + 3];
      expect(alpha === 0 || alpha === 255).toBe(true);
      if (alpha === 0) continue;
      inside++;
      expect(cut![pixel * 4]).toBe(whole![pixel * 4]);
    }
    expect(inside).toBeGreaterThan(1000);
    expect(cut![3]).toBe(0);
  });

  it("writes an overlay with a colour for each object, as JPEG where the name says so", async () => {
    const png = await sharp(await write("overlay.png", ...boxes, "--format", "overlay"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => [
      ...png.data.subarray((y * 384 + x) * png.info.channels).subarray(0, 3),
    ];
    const tint = ([red, , blue]: number[]) => Math.sign(red! - blue!);
    // The picture is gray, so every hue comes from the overlay.
    expect(tint(at(10, 10))).toBe(0);
    expect(at(335, 44)).not.toEqual(at(335, 44).map(() => at(335, 44)[0]));
    expect(tint(at(335, 44))).not.toBe(tint(at(212, 192)));
    const jpeg = await write("overlay.jpg", ...boxes, "--format", "overlay");
    expect((await sharp(jpeg).metadata()).format).toBe("jpeg");
  });

  it("writes run lengths: one object alone, several as a list", async () => {
    const one = JSON.parse((await write("one.json", ...boxes.slice(0, 2))).toString()) as {
      size: number[];
      counts: string;
    };
    expect(Object.keys(one)).toEqual(["size", "counts"]);
    expect(one.size).toEqual([303, 384]);
    const several = JSON.parse((await write("several.json", ...boxes)).toString()) as unknown[];
    expect(several).toHaveLength(2);
  });

  it("writes a COCO dataset with one annotation for each mask", async () => {
    const bytes = await write("coco.json", ...boxes, "--format", "coco", "--all-masks");
    const dataset = JSON.parse(bytes.toString()) as {
      images: unknown[];
      categories: unknown[];
      annotations: {
        id: number;
        image_id: number;
        segmentation: { size: [number, number]; counts: string };
        area: number;
        bbox: number[];
      }[];
    };
    expect(dataset.images).toEqual([{ id: 1, file_name: "coins.png", width: 384, height: 303 }]);
    expect(dataset.annotations).toHaveLength(6);
    for (const [index, { id, image_id, segmentation, area, bbox }] of dataset.annotations.entries()) {
      expect([id, image_id]).toEqual([index + 1, 1]);
      const mask = Mask.fromRle(segmentation);
      expect(area).toBe(mask.area);
      expect(bbox).toEqual([mask.bbox.x, mask.bbox.y, mask.bbox.width, mask.bbox.height]);
    }
  });

  it("writes to standard output for a dash", async () => {
    const run = await maskery(["segment", coins, ...boxes, "--out", "-", "--format", "rle"]);
    expect(run.exitCode).toBe(0);
    expect(JSON.parse(run.stdout)).toHaveLength(2);
  });

  it("prints a table and a hint when nothing is to be written", async () => {
    const run = await maskery(["segment", coins, ...boxes]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("384 × 303 pixels, model nano on cpu");
    expect(run.stdout).toMatch(/score +area +of image +bbox/);
    expect(run.stdout).toContain("--out mask.png, or --json");
    // No terminal, no progress.
    expect(run.stderr).toBe("");
  });

  it("fails with 1 when the file cannot be written", async () => {
    const before = await readdir(folder);
    const run = await maskery(["segment", coins, ...boxes, "--out", join(folder, "missing", "mask.png")]);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toMatch(/^maskery: .*mask\.png.*\n$/);
    expect(run.stdout).toBe("");
    expect(await readdir(folder)).toEqual(before);
  });
});

describe("maskery segment with bad input", () => {
  /** A PNG whose header claims 30,000 × 30,000 pixels. */
  const hugeHeader = async (): Promise<Buffer> => {
    const bytes = await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    bytes.writeUInt32BE(30_000, 16);
    bytes.writeUInt32BE(30_000, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
    return bytes;
  };

  let bad: string;

  beforeAll(async () => {
    bad = join(folder, "bad");
    await mkdir(bad);
    await writeFile(join(bad, "empty.png"), "");
    await writeFile(join(bad, "text.png"), "This is no picture.\n");
    await writeFile(join(bad, "huge.png"), await hugeHeader());
    const whole = await readFile(photo("rocket.jpg"));
    await writeFile(join(bad, "truncated.jpg"), whole.subarray(0, whole.length / 2));
  });

  const cases: [name: string, args: (bad: string) => string[], message: RegExp][] = [
    ["a missing file", (dir) => [join(dir, "missing.png"), "--point", "5,5"], /missing\.png/],
    ["a folder", (dir) => [dir, "--point", "5,5"], /image|bad/],
    ["a file of zero bytes", (dir) => [join(dir, "empty.png"), "--point", "5,5"], /received (none|0 bytes)/],
    [
      "a text file named .png",
      (dir) => [join(dir, "text.png"), "--point", "5,5"],
      /image: expected .*(format|picture|PNG)/i,
    ],
    [
      "a truncated JPEG",
      (dir) => [join(dir, "truncated.jpg"), "--point", "5,5"],
      /image: .*(truncated|broken|end|corrupt)/i,
    ],
    [
      "a header of 30000 × 30000",
      (dir) => [join(dir, "huge.png"), "--point", "5,5"],
      /image: expected at most .* pixels/,
    ],
    [
      "a point outside the picture",
      () => [cat, "--point", "5,5", "--point", "999,50"],
      /--point 999,50 \(points\[1\]\.x\): expected a pixel inside the image, 0 to 450, received 999/,
    ],
    [
      "NaN",
      () => [cat, "--point", "NaN,50"],
      /--point NaN,50 \(points\[0\]\.x\): expected a finite number, received "NaN"/,
    ],
    [
      "Infinity",
      () => [cat, "--point", "5,Infinity"],
      /\(points\[0\]\.y\): expected a finite number, received "Infinity"/,
    ],
    [
      "a point of one number",
      () => [cat, "--point", "5"],
      /--point 5 \(points\[0\]\): expected x,y or x,y,label/,
    ],
    [
      "a label that is none",
      () => [cat, "--point", "5,5,2"],
      /\(points\[0\]\.label\): expected 0 or 1, received "2"/,
    ],
    [
      "a negative coordinate",
      () => [cat, "--point", "-5,5"],
      /--point -5,5 \(points\[0\]\.x\): expected a pixel inside the image/,
    ],
    [
      "a normalised point beyond 1",
      () => [cat, "--units", "normalized", "--point", "1.5,0"],
      /\(points\[0\]\.x\): expected 0 to 1, received 1\.5/,
    ],
    [
      "other units",
      () => [cat, "--units", "cm", "--point", "5,5"],
      /--units: expected pixel or normalized, received "cm"/,
    ],
    [
      "an unknown model",
      () => [cat, "--point", "5,5", "--model", "nonesuch"],
      /model: expected .*received "nonesuch"/,
    ],
    [
      "a folder that is no model",
      (dir) => [cat, "--point", "5,5", "--model", dir],
      /model: expected a folder with a maskery\.json/,
    ],
    [
      "a box of no area",
      () => [cat, "--box", "5,5,5,90"],
      /--box 5,5,5,90 \(boxes\[0\]\): expected a box with an area/,
    ],
    [
      "a box of no area among several",
      () => [cat, "--box", "1,1,9,9", "--box", "5,5,5,90"],
      /--box 5,5,5,90 \(boxes\[1\]\): expected a box with an area/,
    ],
    [
      "a box of three numbers",
      () => [cat, "--box", "5,5,5"],
      /--box 5,5,5 \(boxes\[0\]\): expected x0,y0,x1,y1/,
    ],
    [
      "a point in none of several boxes",
      () => [cat, "--box", "1,1,9,9", "--box", "20,20,40,40", "--point", "15,15"],
      /--point 15,15 \(points\[0\]\): expected a point inside one of the boxes/,
    ],
    ["no prompt", () => [cat], /--point: expected at least one --point or --box/],
    ["no picture", () => ["--point", "5,5"], /missing required argument 'image'/],
    ["two pictures", () => [cat, cat, "--point", "5,5"], /too many arguments/],
    ["an unknown option", () => [cat, "--pont", "5,5"], /unknown option '--pont' \(Did you mean --point\?\)/],
    [
      "threads that are no number",
      () => [cat, "--point", "5,5", "--threads", "many"],
      /--threads: expected a whole number/,
    ],
    [
      "an unknown format",
      () => [cat, "--point", "5,5", "--out", "x.png", "--format", "svg"],
      /--format: expected mask, cutout, overlay, rle, coco, received "svg"/,
    ],
    ["a format without a file", () => [cat, "--point", "5,5", "--format", "mask"], /--out: expected a file/],
    [
      "the picture itself as the output",
      () => [cat, "--point", "5,5", "--out", cat],
      /--out: expected another file than the input itself/,
    ],
  ];

  it.each(cases)("refuses %s with 2 and one line", async (_name, args, message) => {
    const out = join(folder, "never.png");
    const given = args(bad);
    const withOut = given.includes("--out") || given.includes("--format") ? given : [...given, "--out", out];
    const run = await maskery(["segment", ...withOut, "--json"]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).toMatch(/^maskery: [^\n]+\n$/);
    expect(run.exitCode).toBe(2);
    expect(run.stdout).toBe("");
    expect(await readdir(folder)).not.toContain("never.png");
  });

  it.each([
    ["result.gif", []],
    ["result", []],
    ["result.jpg", []],
    ["result.json", ["--format", "cutout"]],
    ["result.jpg", ["--format", "mask"]],
    ["result.png", ["--format", "coco"]],
  ])("refuses --out %s %j", async (name, args) => {
    const run = await maskery(["segment", cat, "--point", "5,5", "--out", join(folder, name), ...args]);
    expect(run.stderr).toMatch(/^maskery: --out: expected a name ending in [^\n]+\n$/);
    expect(run.exitCode).toBe(2);
    expect(await readdir(folder)).not.toContain(name);
  });
});

/** Check value of a PNG chunk. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
