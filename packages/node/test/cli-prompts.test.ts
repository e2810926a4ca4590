import { invalidInput, MaskeryError } from "@maskery/core";
import { describe, expect, it } from "vitest";
import { alignColumns } from "../src/cli/align-columns.js";
import { dealPrompts, nameOptions } from "../src/cli/object-prompts.js";
import { planOutput } from "../src/cli/output-formats.js";
import { parseBox } from "../src/cli/parse-box.js";
import { parseDecimal, parseWholeNumber } from "../src/cli/parse-numbers.js";
import { parsePoint } from "../src/cli/parse-point.js";

const points = (...texts: string[]) => texts.map(parsePoint);
const boxes = (...texts: string[]) => texts.map(parseBox);

describe("parsePoint and parseBox", () => {
  it("read numbers with signs, fractions, exponents and spaces", () => {
    expect(parsePoint("500,375", 0)).toMatchObject({ x: 500, y: 375, label: 1 });
    expect(parsePoint(" 0.5 , 1e2 , 0 ", 0)).toMatchObject({ x: 0.5, y: 100, label: 0 });
    expect(parseBox("-1,.5,+3,4.", 0)).toMatchObject({ x0: -1, y0: 0.5, x1: 3, y1: 4 });
  });

  it.each(["", "x", "0x10", "1e999", "NaN", "1 2", "--1", "1,5"])("take %j for no number", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  it("read whole numbers within bounds", () => {
    expect(parseWholeNumber("--clicks", "5", 1, 20)).toBe(5);
    expect(() => parseWholeNumber("--clicks", "5.5", 1, 20)).toThrow(
      "--clicks: expected a whole number, 1 to 20",
    );
    expect(() => parseWholeNumber("--limit", "0", 1)).toThrow("--limit: expected a whole number, at least 1");
  });
});

describe("dealPrompts", () => {
  it("makes one object of points alone", () => {
    const [object, ...others] = dealPrompts(points("1,2", "3,4,0"), [], "pixel");
    expect(others).toEqual([]);
    expect(object!.prompt).toEqual({
      points: [
        { x: 1, y: 2, label: 1 },
        { x: 3, y: 4, label: 0 },
      ],
      units: "pixel",
    });
  });

  it("gives all points to a single box, outside ones too", () => {
    const [object] = dealPrompts(points("99,99,0"), boxes("0,0,10,10"), "normalized");
    expect(object!.prompt).toEqual({
      points: [{ x: 99, y: 99, label: 0 }],
      box: { x0: 0, y0: 0, x1: 10, y1: 10 },
      units: "normalized",
    });
  });

  it("gives each point to every one of several boxes that contains it", () => {
    const dealt = dealPrompts(
      points("8,8", "2,2", "10,10,0"),
      boxes("0,0,10,10", "5,5,20,20", "30,30,40,40"),
      "pixel",
    );
    expect(dealt.map(({ points: own }) => own.map(({ index }) => index))).toEqual([[0, 1, 2], [0, 2], []]);
  });
});

describe("nameOptions", () => {
  const objects = dealPrompts(points("8,8", "15,15", "16,16"), boxes("0,0,10,10", "12,12,20,20"), "pixel");
  const messageFor = (field: string) =>
    (nameOptions(invalidInput(field, "more", 1), objects) as Error).message;

  it("names the option that a prompt came from", () => {
    expect(messageFor("prompts[1].points[1].x")).toBe(
      "--point 16,16 (points[2].x): expected more, received 1",
    );
    expect(messageFor("prompts[1].box")).toBe("--box 12,12,20,20 (boxes[1]): expected more, received 1");
    expect(messageFor("points[0].y")).toBe("--point 8,8 (points[0].y): expected more, received 1");
    expect(messageFor("box")).toBe("--box 0,0,10,10 (boxes[0]): expected more, received 1");
  });

  it("leaves other errors alone", () => {
    for (const error of [new Error("x"), new MaskeryError("INTERNAL", "x"), invalidInput("image", "y", 1)]) {
      expect(nameOptions(error, objects)).toBe(error);
    }
  });
});

describe("planOutput", () => {
  it("takes the format from the extension, or the encoding from it", () => {
    expect(planOutput("a.PNG", undefined)).toEqual({ path: "a.PNG", format: "mask", encoding: "png" });
    expect(planOutput("a.json", undefined)).toMatchObject({ format: "rle" });
    expect(planOutput("a.json", "coco")).toMatchObject({ format: "coco" });
    expect(planOutput("a.jpeg", "overlay")).toMatchObject({ format: "overlay", encoding: "jpeg" });
    expect(planOutput("a.webp", "cutout")).toMatchObject({ format: "cutout", encoding: "webp" });
    expect(planOutput("-", "cutout")).toMatchObject({ path: "-", encoding: "png" });
    expect(planOutput(undefined, undefined)).toBeUndefined();
  });
});

describe("alignColumns", () => {
  it("aligns numbers to the right and words to the left", () => {
    const rows = [
      ["name", "area"],
      ["a", "12"],
    ];
    expect(alignColumns(rows, [0])).toEqual(["name   area", "a        12"]);
  });
});
