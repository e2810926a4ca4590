import { describe, expect, it } from "vitest";
import { formatColor, parseColor } from "./color.js";
import { namedColors } from "./named-colors.js";
import { defaultPalette, parsePalette } from "./palette.js";

describe("parseColor", () => {
  it.each([
    ["#c0392b", "#c0392b"],
    ["#C03", "#cc0033"],
    ["#c038", "#cc003388"],
    ["#11223380", "#11223380"],
    ["rgb(1, 2, 3)", "#010203"],
    ["rgb(1 2 3 / 50%)", "#01020380"],
    ["rgba(255, 128, 0, 0.5)", "#ff800080"],
    ["rgb(100%, 0%, 50%)", "#ff0080"],
    ["rgb(300, -5, 1.4)", "#ff0001"],
    ["hsl(120, 100%, 25%)", "#008000"],
    ["hsl(-240deg 100% 25%)", "#008000"],
    ["hsla(210 50% 40% / .25)", "#33669940"],
    ["hsl(0, 0%, 100%)", "#ffffff"],
    [" RebeccaPurple ", "#663399"],
    ["white", "#ffffff"],
  ])("reads %s", (text, expected) => {
    expect(formatColor(parseColor(text))).toBe(expected);
  });

  it.each([
    "",
    "#12",
    "#12345",
    "#ggg",
    "reddish",
    "transparent",
    "rgb(1,2)",
    "rgb(1%,2,3)",
    "hsl(1,2,3)",
    "rgb(1,2,3",
    "hsl(50% 1% 1%)",
  ])("refuses %j", (text) => {
    expect(() => parseColor(text)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", field: "color" }),
    );
  });

  it("refuses what is no text", () => {
    expect(() => parseColor(12 as never, "layers[0].color")).toThrow(
      /^layers\[0\]\.color: expected a colour: .*, received 12$/,
    );
  });

  it("knows the 148 names of CSS", () => {
    expect(namedColors.size).toBe(148);
    for (const value of namedColors.values()) expect(value).toBeGreaterThanOrEqual(0);
  });

  it("has a palette without twins", () => {
    expect(new Set(defaultPalette).size).toBe(defaultPalette.length);
    expect(parsePalette()).toHaveLength(defaultPalette.length);
  });
});
