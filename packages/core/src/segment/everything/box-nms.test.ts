import { expect, it } from "vitest";
import { type MaskBox, suppressOverlapping } from "./box-nms.js";

const box = (minX: number, minY: number, maxX: number, maxY: number): MaskBox => ({ minX, minY, maxX, maxY });

it("keeps the best of overlapping boxes, in the order of scores", () => {
  const boxes = [box(0, 0, 10, 10), box(1, 0, 11, 10), box(50, 50, 60, 60)];
  const { kept, suppressedBy } = suppressOverlapping(boxes, [0.5, 0.9, 0.7], 0.7);
  expect(kept).toEqual([1, 2]);
  expect(Array.from(suppressedBy)).toEqual([1, -1, -1]);
});

it("suppresses above the threshold, not at it", () => {
  // Intersection 7, union 10: in single precision 0.7 is a little less than 0.7.
  expect(suppressOverlapping([box(0, 0, 10, 1), box(0, 0, 7, 1)], [2, 1], 0.7).kept).toEqual([0, 1]);
  expect(suppressOverlapping([box(0, 0, 10, 1), box(0, 0, 5, 1)], [2, 1], 0.5).kept).toEqual([0, 1]);
  expect(suppressOverlapping([box(0, 0, 10, 1), box(0, 0, 8, 1)], [2, 1], 0.7).kept).toEqual([0]);
});

it("does not let a suppressed box suppress others", () => {
  const chain = [box(0, 0, 10, 10), box(2, 0, 12, 10), box(4, 0, 14, 10)];
  expect(suppressOverlapping(chain, [3, 2, 1], 0.6).kept).toEqual([0, 2]);
});

it("never suppresses boxes without area, and keeps the order of equal scores", () => {
  const points = [box(5, 5, 5, 5), box(5, 5, 5, 5), box(0, 0, 10, 0), box(0, 0, 0, 0)];
  expect(suppressOverlapping(points, [1, 1, 1, 1], 0).kept).toEqual([0, 1, 2, 3]);
  expect(suppressOverlapping([], [], 0.7).kept).toEqual([]);
});
