import { describe, expect, it } from "vitest";
import type { RgbaImage } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import { describeDescriber } from "../testing/describe-describer.js";
import type { DescribedMask } from "./describer.js";
import { createLocalDescriber, type LocalDescriberOptions } from "./local-describer.js";

describeDescriber("local", () => createLocalDescriber());
describeDescriber("local, short", () => createLocalDescriber({ maxTextLength: 200, maxObjects: 2 }));

const WIDTH = 200;
const HEIGHT = 100;

type Rectangle = readonly [left: number, top: number, width: number, height: number];
type Color = readonly [red: number, green: number, blue: number];

const white: Color = [255, 255, 255];
const red: Color = [220, 20, 20];
const blue: Color = [20, 40, 220];
const green: Color = [40, 160, 40];
const black: Color = [5, 5, 5];

/** A picture of coloured rectangles on a ground, later ones over earlier ones, and a mask for each. */
function draw(ground: Color, rectangles: readonly (readonly [Rectangle, Color, string?])[]) {
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) data.set([...ground, 255], pixel * 4);
  const masks: DescribedMask[] = rectangles.map(([[left, top, width, height], color, name]) => {
    const bitmap = new Uint8Array(WIDTH * HEIGHT);
    for (let y = top; y < top + height; y++) {
      for (let x = left; x < left + width; x++) {
        data.set([...color, 255], (y * WIDTH + x) * 4);
        bitmap[y * WIDTH + x] = 1;
      }
    }
    return { mask: Mask.fromBitmap(bitmap, WIDTH, HEIGHT), name };
  });
  return { image: { width: WIDTH, height: HEIGHT, data } satisfies RgbaImage, masks };
}

const textOf = async (
  { image, masks }: ReturnType<typeof draw>,
  options?: LocalDescriberOptions,
): Promise<string> => (await createLocalDescriber(options).describe(image, masks)).text;

describe("what the local describer says", () => {
  it("counts, names, sizes, places and colours", async () => {
    const scene = draw(white, [
      [[5, 5, 40, 30], red, "car"],
      [[150, 70, 20, 20], blue, "ball"],
      [[90, 45, 20, 10], green],
    ]);
    expect(await textOf(scene)).toBe(
      "A picture of 200 × 100 pixels, white. " +
        "3 objects are marked: car, ball, 1 without a name. Together they cover 9% of it. " +
        "Car: medium-sized (6% of the picture), in the top left, red. " +
        "Ball: small (2% of the picture), in the bottom right, blue. " +
        "Object: small (1% of the picture), in the centre, green.",
    );
  });

  it("numbers objects that share a name, and those without", async () => {
    const text = await textOf(
      draw(black, [
        [[0, 0, 20, 20], red, "cup"],
        [[100, 0, 10, 10], red, "cup"],
        [[0, 60, 30, 30], red],
        [[100, 60, 5, 5], red],
      ]),
    );
    expect(text).toContain("4 objects are marked: 2 × cup, 2 without a name.");
    for (const title of ["Cup 1: ", "Cup 2: ", "Object 1: ", "Object 2: "]) expect(text).toContain(title);
    expect(text.indexOf("Object 1: ")).toBeLessThan(text.indexOf("Cup 1: "));
  });

  it.each([
    [[0, 0, 20, 20], "in the top left"],
    [[90, 0, 20, 20], "in the top centre"],
    [[180, 0, 20, 20], "in the top right"],
    [[0, 40, 20, 20], "on the left"],
    [[90, 40, 20, 20], "in the centre"],
    [[180, 40, 20, 20], "on the right"],
    [[0, 80, 20, 20], "in the bottom left"],
    [[90, 80, 20, 20], "in the bottom centre"],
    [[180, 80, 20, 20], "in the bottom right"],
    [[0, 0, 200, 10], "across the width, at the top"],
    [[0, 45, 200, 10], "across the middle"],
    [[5, 90, 190, 10], "across the width, at the bottom"],
    [[0, 0, 10, 100], "over the full height, on the left"],
    [[95, 0, 10, 100], "over the full height, in the centre"],
    [[2, 2, 196, 96], "across the whole picture"],
  ] as const)("%j lies %s", async (rectangle, place) => {
    expect(await textOf(draw(white, [[rectangle, red]]))).toContain(`), ${place}, `);
  });

  it.each([
    [[0, 0, 2, 2], "tiny (under 0.1% of the picture)"],
    [[0, 0, 10, 8], "tiny (0.4% of the picture)"],
    [[0, 0, 20, 20], "small (2% of the picture)"],
    [[0, 0, 40, 40], "medium-sized (8% of the picture)"],
    [[0, 0, 100, 80], "large (40% of the picture)"],
    [[0, 0, 199, 100], "very large (over 99% of the picture)"],
    [[0, 0, 200, 100], "very large (100% of the picture)"],
  ] as const)("%j is %s", async (rectangle, size) => {
    expect(await textOf(draw(white, [[rectangle, red]]))).toContain(`Object: ${size}`);
  });

  it.each([
    ["black", [0, 0, 0]],
    ["white", [255, 255, 255]],
    ["gray", [128, 128, 128]],
    ["light gray", [200, 200, 200]],
    ["dark gray", [64, 64, 64]],
    ["red", [200, 30, 30]],
    ["dark red", [110, 15, 15]],
    ["orange", [250, 140, 20]],
    ["yellow", [250, 225, 40]],
    ["brown", [120, 70, 30]],
    ["beige", [222, 200, 165]],
    ["green", [50, 165, 60]],
    ["dark green", [15, 70, 25]],
    ["light green", [150, 235, 150]],
    ["turquoise", [60, 220, 210]],
    ["light blue", [150, 205, 235]],
    ["blue", [30, 80, 220]],
    ["dark blue", [15, 25, 90]],
    ["purple", [115, 40, 190]],
    ["pink", [250, 165, 190]],
  ] as const)("calls %s what people call so", async (name, color) => {
    expect(await textOf(draw(color, []))).toBe(
      `A picture of 200 × 100 pixels, ${name}. No object is marked.`,
    );
  });

  it("names two colours, one that prevails, or none", async () => {
    const halves = draw(red, [[[0, 0, 90, 100], blue]]);
    expect(await textOf({ ...halves, masks: [] })).toContain("pixels, red and blue.");
    const most = draw(red, [[[0, 0, 60, 100], blue]]);
    expect(await textOf({ ...most, masks: [] })).toContain("pixels, mostly red.");
    const stripes = draw(
      red,
      ([blue, green, black, white, [250, 225, 40]] as const).map((color, index) => [
        [index * 33, 0, 33, 100],
        color,
      ]),
    );
    expect(await textOf({ ...stripes, masks: [] })).toContain("pixels, of many colours.");
  });

  it("names no colour where nothing is visible", async () => {
    const scene = draw(red, []);
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) scene.image.data[pixel * 4 + 3] = 0;
    expect(await textOf(scene)).toBe("A picture of 200 × 100 pixels. No object is marked.");
  });

  it("tells what lies inside, overlaps, touches, is the same, or none of it", async () => {
    const says = async (first: Rectangle, second: Rectangle) =>
      (
        await textOf(
          draw(white, [
            [first, red, "big"],
            [second, blue, "small"],
          ]),
          { colors: false },
        )
      ).split("Small: ")[1];
    expect(await says([10, 10, 80, 80], [20, 20, 10, 10])).toContain("inside big.");
    expect(await says([10, 10, 40, 40], [40, 10, 38, 40])).toContain("overlapping big.");
    expect(await says([10, 10, 40, 40], [50, 10, 30, 40])).toContain("next to big.");
    expect(await says([10, 10, 40, 40], [10, 50, 30, 30])).toContain("next to big.");
    expect(await says([10, 10, 40, 40], [11, 10, 39, 40])).toContain("almost the same as big.");
    expect(await says([10, 10, 40, 40], [60, 10, 30, 40])).not.toMatch(/big/);
  });

  it("mentions empty masks and describes the others", async () => {
    const scene = draw(white, [[[0, 0, 20, 20], red, "cup"]]);
    const masks = [{ mask: Mask.empty(WIDTH, HEIGHT), name: "lost" }, ...scene.masks];
    const text = await textOf({ ...scene, masks });
    expect(text).toContain("1 object is marked: cup. 1 mask is empty. Cup: ");
    expect(text).not.toContain("lost");
  });
});

describe("options of the local describer", () => {
  const many = draw(
    white,
    Array.from(
      { length: 20 },
      (_, index) => [[index * 10, 0, 9 - (index % 3), 50 - index], red, "post"] as const,
    ),
  );

  it("tells the largest and counts the others", async () => {
    const text = await textOf(many, { maxObjects: 3 });
    expect(text).toContain("20 objects are marked: 20 × post.");
    expect(text.match(/Post \d+:/g)).toHaveLength(3);
    expect(text).toMatch(/17 more are smaller\.$/);
  });

  it("ends with a whole sentence within its length", async () => {
    for (const maxTextLength of [200, 321, 500, 2000]) {
      const text = await textOf(many, { maxTextLength, maxObjects: 20 });
      expect(text.length).toBeLessThanOrEqual(maxTextLength);
      expect(text).toMatch(/\.$/);
    }
    expect((await textOf(many, { maxTextLength: 20_000, maxObjects: 20 })).match(/Post \d+:/g)).toHaveLength(
      20,
    );
  });

  it("leaves colours and relations out", async () => {
    const scene = draw(white, [
      [[10, 10, 80, 80], red],
      [[20, 20, 10, 10], blue],
    ]);
    const text = await textOf(scene, { colors: false, relations: false });
    expect(text).not.toMatch(/white|red|blue|inside/);
  });

  it("belong to its id", () => {
    const ids = [{}, { maxTextLength: 500 }, { maxObjects: 3 }, { colors: false }, { relations: false }].map(
      (options) => createLocalDescriber(options).id,
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    [{ maxTextLength: 10 }, "maxTextLength"],
    [{ maxObjects: 0 }, "maxObjects"],
    [{ maxObjects: 1.5 }, "maxObjects"],
  ])("%j is refused", (options, field) => {
    expect(() => createLocalDescriber(options)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", field }),
    );
  });
});
