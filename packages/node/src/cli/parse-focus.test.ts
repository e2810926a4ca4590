import { describe, expect, it } from "vitest";
import { parseFocus } from "./parse-focus.js";

describe("parseFocus", () => {
  it("reads a switch, and a part of the picture by its corners", () => {
    expect(parseFocus({})).toBeUndefined();
    expect(parseFocus({ focus: true })).toBe(true);
    expect(parseFocus({ focusOn: "10,20,110,70.5" })).toEqual({ x: 10, y: 20, width: 100, height: 50.5 });
  });

  it.each([
    [{ focus: true, focusOn: "1,2,3,4" }, "--focus: expected either --focus or --focus-on"],
    [{ focusOn: "1,2,3" }, "expected x0,y0,x1,y1"],
    [{ focusOn: "1,2,three,4" }, "expected x0,y0,x1,y1"],
    [{ focusOn: "10,2,3,40" }, "expected x1 above x0 and y1 above y0"],
  ])("refuses %j", (options, message) => {
    expect(() => parseFocus(options)).toThrow(message);
  });
});
