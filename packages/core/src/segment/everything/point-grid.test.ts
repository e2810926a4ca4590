import { expect, it } from "vitest";
import { layerGrids, pointGrid } from "./point-grid.js";

it("lays points half a step from the sides, row by row, x fastest", () => {
  expect(pointGrid(2)).toEqual([
    [0.25, 0.25],
    [0.75, 0.25],
    [0.25, 0.75],
    [0.75, 0.75],
  ]);
  expect(pointGrid(1)).toEqual([[0.5, 0.5]]);
  const grid = pointGrid(32);
  expect(grid).toHaveLength(1024);
  expect(grid[0]).toEqual([0.015625, 0.015625]);
  expect(grid[31]![0]).toBe(1 - 0.015625);
  expect(grid[32]).toEqual([0.015625, 0.015625 + (1 - 2 * 0.015625) / 31]);
});

it("thins the grid of each layer, rounding down", () => {
  const sides = (pointsPerSide: number, factor: number, cropNLayers: number) =>
    layerGrids({ pointsPerSide, pointGrids: undefined, cropNLayers, cropNPointsDownscaleFactor: factor }).map(
      (grid) => Math.sqrt(grid.length),
    );
  expect(sides(32, 2, 2)).toEqual([32, 16, 8]);
  expect(sides(32, 3, 2)).toEqual([32, 10, 3]);
  expect(sides(5, 1, 1)).toEqual([5, 5]);
});
