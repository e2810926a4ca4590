import { describe, expect, it } from "vitest";
import { describeValue, invalidInput, MaskeryError, maskeryErrorCodes } from "./errors.js";

describe("MaskeryError", () => {
  it.each(maskeryErrorCodes)("carries the code %s, message and cause", (code) => {
    const cause = new Error("underneath");
    const error = new MaskeryError(code, "what happened", { cause, field: "points[0].x" });
    expect(error).toMatchObject({
      name: "MaskeryError",
      code,
      message: "what happened",
      cause,
      field: "points[0].x",
    });
    expect(error).toBeInstanceOf(Error);
    expect(MaskeryError.is(error)).toBe(true);
  });

  it("knows its own from other errors", () => {
    for (const value of [new Error("plain"), null, undefined, "text", { code: "INTERNAL" }]) {
      expect(MaskeryError.is(value)).toBe(false);
    }
  });

  it("recognises an error of another installed copy", () => {
    const foreign = Object.assign(new Error("from elsewhere"), {
      [Symbol.for("maskery.error")]: true,
      code: "INTERNAL",
    });
    expect(MaskeryError.is(foreign)).toBe(true);
  });

  it("says field, expectation and what came", () => {
    expect(invalidInput("opacity", "0 to 1", 2).message).toBe("opacity: expected 0 to 1, received 2");
  });

  it("describes any value shortly", () => {
    expect(describeValue("x".repeat(500))).toHaveLength(77);
    expect(describeValue(new Uint8Array(3))).toBe("Uint8Array of 3 bytes");
    expect(describeValue([1, 2])).toBe("an array of 2");
    expect(describeValue(Object.create(null))).toBe("an object");
    expect(describeValue(10n)).toBe("10n");
  });
});
