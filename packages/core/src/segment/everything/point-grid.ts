import type { GridPoint, ResolvedEverythingOptions } from "./options.js";

/**
 * Points evenly spaced over the unit square, half a step away from its sides; row by row, x fastest.
 * Source: facebookresearch/segment-anything, utils/amg.py (build_point_grid).
 */
export function pointGrid(pointsPerSide: number): GridPoint[] {
  const offset = 1 / (2 * pointsPerSide);
  const last = 1 - offset;
  // As numpy.linspace: the step is rounded once, the last value is exact.
  const step = pointsPerSide > 1 ? (last - offset) / (pointsPerSide - 1) : 0;
  const side = Array.from({ length: pointsPerSide }, (_, index) =>
    index > 0 && index === pointsPerSide - 1 ? last : offset + index * step,
  );
  return side.flatMap((y) => side.map((x): GridPoint => [x, y]));
}

/** One grid for the whole picture and one for each layer of crops. */
export function layerGrids(
  options: Pick<
    ResolvedEverythingOptions,
    "pointGrids" | "pointsPerSide" | "cropNLayers" | "cropNPointsDownscaleFactor"
  >,
): readonly (readonly GridPoint[])[] {
  const { pointGrids, pointsPerSide, cropNLayers, cropNPointsDownscaleFactor: factor } = options;
  if (pointGrids) return pointGrids;
  return Array.from({ length: cropNLayers + 1 }, (_, layer) =>
    pointGrid(Math.floor(pointsPerSide! / factor ** layer)),
  );
}
