import { describe, expect, it } from "vitest";
import { fitToFrame } from "./frame-fit.js";

describe("fitToFrame", () => {
  // Height, width → height, width, from the reference rule of SAM.
  it.each([
    [1200, 1800, 683, 1024],
    [408, 612, 683, 1024],
    [480, 640, 768, 1024],
    [427, 640, 683, 1024],
    [1080, 1920, 576, 1024],
    [853, 1280, 682, 1024],
    [500, 333, 1024, 682],
    [683, 1023, 684, 1024],
    [1, 2000, 1, 1024],
    [1, 4096, 1, 1024],
  ])("letterboxes %d×%d to %d×%d", (height, width, resizedHeight, resizedWidth) => {
    const fit = fitToFrame({ width, height }, 1024, "letterbox");
    expect([fit.resizedHeight, fit.resizedWidth]).toEqual([resizedHeight, resizedWidth]);
    expect(fit.scaleX).toBe(resizedWidth / width);
    expect(fit.scaleY).toBe(resizedHeight / height);
  });

  it("stretches both sides", () => {
    expect(fitToFrame({ width: 300, height: 100 }, 256, "stretch")).toMatchObject({
      resizedWidth: 256,
      resizedHeight: 256,
    });
  });
});
