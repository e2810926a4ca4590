import { describe, expect, it } from "vitest";
import { alphaFromLogits } from "./alpha.js";
import type { LogitsPlane } from "./logits-plane.js";
import { Mask } from "./mask.js";
import { logitsForMaskInput } from "./mask-input.js";

/** A plane of 16 × 16 over a crop of 64 × 40 pixels of a picture of 200 × 120; its value exceeds 0 in most of the crop. */
const window = { x: 90, y: 30, width: 64, height: 40 };
const scale = 16 / 64;
const inCrop: LogitsPlane = {
  data: Float32Array.from({ length: 256 }, (_, index) => {
    const [column, row] = [index % 16, Math.floor(index / 16)];
    return 6 - Math.hypot(column - 9, 1.5 * (row - 2));
  }),
  width: 16,
  height: 16,
  scaleX: scale,
  scaleY: scale,
};
const placed: LogitsPlane = { ...inCrop, window };
const crop = Mask.fromLogits(inCrop, 64, 40);
const mask = Mask.fromLogits(placed, 200, 120);

describe("logits of a part of a picture", () => {
  it("give the mask of the part, in its place, and background beyond", () => {
    expect(crop.area).toBeGreaterThan(400);
    expect(mask.crop(window).runs).toEqual(crop.runs);
    expect(mask.area).toBe(crop.area);
    expect(mask.logits).toBe(placed);
    // The object touches the crop's side: it ends there.
    expect(mask.bbox.y).toBe(window.y);
  });

  it("give soft edges in their place", () => {
    const inside = alphaFromLogits(crop);
    const { gray } = alphaFromLogits(mask);
    const expected = new Uint8Array(200 * 120);
    for (let row = 0; row < 40; row++) {
      const line = inside.gray.subarray(row * 64, (row + 1) * 64);
      expected.set(line, (window.y + row) * 200 + window.x);
    }
    expect(inside.gray.some((value) => value > 0 && value < 255)).toBe(true);
    expect(Buffer.compare(gray, expected)).toBe(0);
  });

  it("give sub-pixel contours in their place", () => {
    const moved = crop.contours({ subpixel: true }).map(({ outer }) => outer);
    const outers = mask.contours({ subpixel: true }).map(({ outer }) => outer);
    expect(outers).toEqual(
      moved.map((ring) => ring.map(({ x, y }) => ({ x: x + window.x, y: y + window.y }))),
    );
  });

  it("go back to a model as they are for the same crop only; elsewhere the mask's coverage stands for them", () => {
    const fit = { size: 64, resizedWidth: 64, resizedHeight: 40, scaleX: 1, scaleY: 1 };
    expect(logitsForMaskInput(crop, fit, 16)).toBe(inCrop.data);
    const whole = logitsForMaskInput(mask, fit, 16);
    expect(whole).not.toBe(inCrop.data);
    // Pixel (20, 10) of the frame lies in the picture, far from the object.
    expect(whole[2 * 16 + 5]).toBeLessThan(0);
  });
});
