import { expect, test } from "vitest";
import { bestBoxes } from "./best-boxes.js";

const box = (x1: number, x2: number, score: number, classNumber = 0) => ({
  x1,
  y1: 0,
  x2,
  y2: 10,
  score,
  classNumber,
});

test("of boxes of one class that overlap, the best stays", () => {
  const boxes = [box(1, 11, 0.6), box(0, 10, 0.9), box(8, 18, 0.5), box(0, 10, 0.4, 1)];
  // 0..10 and 1..11 share 9 of 11; 0..10 and 8..18 share 2 of 18; the other class is another object.
  expect(bestBoxes(boxes, 0.45, 10).map(({ score }) => score)).toEqual([0.9, 0.5, 0.4]);
  expect(bestBoxes(boxes, 0.9, 10).map(({ score }) => score)).toEqual([0.9, 0.6, 0.5, 0.4]);
  expect(bestBoxes(boxes, 0.45, 1)).toHaveLength(1);
  expect(bestBoxes([], 0.45, 10)).toEqual([]);
});

test("boxes without an area overlap nothing", () => {
  expect(bestBoxes([box(5, 5, 0.9), box(5, 5, 0.8)], 0.45, 10)).toHaveLength(2);
});
