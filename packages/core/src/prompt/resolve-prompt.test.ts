import { describe, expect, it } from "vitest";
import { MaskeryError } from "../errors.js";
import { Mask } from "../mask/mask.js";
import { resolvePrompt } from "./resolve-prompt.js";

const image = { width: 200, height: 100 };

describe("resolvePrompt", () => {
  it("takes a list of points, foreground unless labelled", () => {
    expect(
      resolvePrompt(
        [
          { x: 10, y: 20 },
          { x: 199.5, y: 0, label: 0 },
        ],
        image,
      ),
    ).toEqual({
      points: [
        { x: 10, y: 20, label: 1 },
        { x: 199.5, y: 0, label: 0 },
      ],
    });
  });

  it("takes both spellings of a box and cuts off what reaches beyond", () => {
    expect(resolvePrompt({ box: { x0: -5, y0: 10, x1: 250, y1: 60 } }, image).box).toEqual({
      x0: 0,
      y0: 10,
      x1: 200,
      y1: 60,
    });
    expect(resolvePrompt({ box: { x: 5, y: 10, width: 20, height: 30 } }, image).box).toEqual({
      x0: 5,
      y0: 10,
      x1: 25,
      y1: 40,
    });
  });

  it("turns normalised units into pixels", () => {
    const prompt = resolvePrompt(
      {
        points: [
          { x: 0, y: 1 },
          { x: 0.5, y: 0.5 },
        ],
        box: { x0: 0.25, y0: 0, x1: 1, y1: 0.5 },
        units: "normalized",
      },
      image,
    );
    expect(prompt.points.map(({ x, y }) => [x, y])).toEqual([
      [0, 99],
      [99.5, 49.5],
    ]);
    expect(prompt.box).toEqual({ x0: 50, y0: 0, x1: 200, y1: 50 });
  });

  it("takes an earlier mask of the same size alone", () => {
    const mask = Mask.full(200, 100);
    expect(resolvePrompt({ mask }, image)).toEqual({ points: [], mask });
  });

  it.each([
    [
      "a point right of the image",
      [{ x: 200, y: 5 }],
      "points[0].x",
      "points[0].x: expected a pixel inside the image, 0 to 199, received 200",
    ],
    [
      "a point above the image",
      [
        { x: 1, y: 1 },
        { x: 5, y: -1 },
      ],
      "points[1].y",
      "received -1",
    ],
    ["NaN", [{ x: Number.NaN, y: 5 }], "points[0].x", "points[0].x: expected a finite number, received NaN"],
    ["Infinity", [{ x: 1, y: Number.POSITIVE_INFINITY }], "points[0].y", "received Infinity"],
    ["text for a number", [{ x: "1", y: 5 }], "points[0].x", 'received "1"'],
    ["label 2", [{ x: 1, y: 5, label: 2 }], "points[0].label", "expected 0 or 1, received 2"],
    ["nested arrays", [[1, 5]], "points[0]", "expected an object, received an array of 2"],
    ["no prompt at all", [], "points", "at least one point, a box or a mask"],
    ["an unknown member", { pionts: [] }, "pionts", "no such member"],
    ["a box of no area", { box: { x0: 5, y0: 5, x1: 5, y1: 9 } }, "box", "a box with an area"],
    ["a box the wrong way round", { box: { x0: 50, y0: 5, x1: 5, y1: 9 } }, "box", "x1 above x0"],
    ["a box beside the image", { box: { x0: 300, y0: 5, x1: 400, y1: 9 } }, "box", "touches the image"],
    [
      "a box with NaN",
      { box: { x0: Number.NaN, y0: 5, x1: 400, y1: 9 } },
      "box.x0",
      "a finite number, received NaN",
    ],
    [
      "a box without a corner",
      { box: { x0: 1, y0: 5, x1: 400 } },
      "box.y1",
      "a finite number, received undefined",
    ],
    [
      "a normalised point above 1",
      { points: [{ x: 1.2, y: 0 }], units: "normalized" },
      "points[0].x",
      "expected 0 to 1, received 1.2",
    ],
    [
      "other units",
      { points: [{ x: 1, y: 0 }], units: "cm" },
      "units",
      'expected "pixel" or "normalized", received "cm"',
    ],
    [
      "a mask of another size",
      { mask: Mask.full(10, 10) },
      "mask",
      'a mask of the image\'s size 200 × 100, received "10 × 10"',
    ],
    ["something else for a mask", { mask: {} }, "mask", "expected a Mask, received an object"],
    ["null", null, "input", "received null"],
  ])("refuses %s", (_name, input, field, message) => {
    let error: unknown;
    try {
      resolvePrompt(input as never, image);
    } catch (caught) {
      error = caught;
    }
    expect(MaskeryError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: "INVALID_INPUT", field });
    expect((error as Error).message).toContain(message);
  });

  it("names the prompt among several", () => {
    expect(() => resolvePrompt([{ x: 500, y: 1 }], image, "prompts[3]")).toThrow(
      "prompts[3].points[0].x: expected",
    );
  });
});
