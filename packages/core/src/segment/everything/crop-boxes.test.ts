import { expect, it } from "vitest";
import { cropBoxes, cropPixels } from "./crop-boxes.js";

const corners = (width: number, height: number, layers: number, ratio = 512 / 1500) =>
  cropBoxes({ width, height }, layers, ratio).map(({ x0, y0, x1, y1 }) => [x0, y0, x1, y1]);

it("cuts 480 × 640 as the reference does", () => {
  expect(corners(640, 480, 0)).toEqual([[0, 0, 640, 480]]);
  expect(corners(640, 480, 1)).toEqual([
    [0, 0, 640, 480],
    [0, 0, 402, 322],
    [0, 159, 402, 480],
    [239, 0, 640, 322],
    [239, 159, 640, 480],
  ]);
  const two = cropBoxes({ width: 640, height: 480 }, 2, 512 / 1500);
  expect(two).toHaveLength(21);
  expect(two[5]).toEqual({ x0: 0, y0: 0, x1: 221, y1: 181, layer: 2 });
  expect(two.map((box) => box.layer)).toEqual([0, ...Array(4).fill(1), ...Array(16).fill(2)]);
});

it("leaves out crops without a pixel", () => {
  expect(corners(1, 1, 1)).toEqual([
    [0, 0, 1, 1],
    [0, 0, 1, 1],
  ]);
  for (const [x0, y0, x1, y1] of corners(3, 200, 2)) {
    expect(x1! - x0!).toBeGreaterThan(0);
    expect(y1! - y0!).toBeGreaterThan(0);
  }
});

it("copies the pixels of a crop", () => {
  const data = Uint8Array.from({ length: 4 * 3 * 4 }, (_, index) => index);
  const crop = cropPixels({ width: 4, height: 3, data }, { x0: 1, y0: 1, x1: 3, y1: 3, layer: 1 });
  expect([crop.width, crop.height]).toEqual([2, 2]);
  expect(Array.from(crop.data)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 36, 37, 38, 39, 40, 41, 42, 43]);
});
