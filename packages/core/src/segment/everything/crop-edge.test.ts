import { expect, it } from "vitest";
import { isNearCropEdge } from "./crop-edge.js";

const image = { width: 640, height: 480 };
const crop = { x0: 239, y0: 0, x1: 640, y1: 322, layer: 1 };

it("drops masks within 20 pixels of the crop's side, unless the picture ends there", () => {
  const inside = { minX: 30, minY: 30, maxX: 300, maxY: 280 };
  expect(isNearCropEdge(inside, crop, image)).toBe(false);
  expect(isNearCropEdge({ ...inside, minX: 20 }, crop, image)).toBe(true);
  expect(isNearCropEdge({ ...inside, minX: 21 }, crop, image)).toBe(false);
  expect(isNearCropEdge({ ...inside, maxY: 302 }, crop, image)).toBe(true);
  expect(isNearCropEdge({ ...inside, maxY: 301 }, crop, image)).toBe(false);
  expect(isNearCropEdge({ ...inside, minY: 0, maxX: 400 }, crop, image)).toBe(false);
});

it("has no effect on the whole picture", () => {
  const whole = { x0: 0, y0: 0, x1: 640, y1: 480, layer: 0 };
  expect(isNearCropEdge({ minX: 0, minY: 0, maxX: 639, maxY: 479 }, whole, image)).toBe(false);
});
