import type { ImageSize } from "../../../image/rgba-image.js";
import { combineManyRuns } from "../../../mask/run-algebra.js";
import { runsArea, runsBoundingBox } from "../../../mask/runs.js";
import type { Cut } from "../candidate.js";
import { requireRuns } from "../selection.js";

/**
 * One mask of several pieces: everything that any of them holds. Scores are the pieces' means, weighted by area; the point is
 * that of the largest piece; the crop is the box around their tiles.
 */
export function mergePieces(pieces: readonly Cut[], image: ImageSize): Cut {
  const runs = combineManyRuns(
    pieces.map((piece) => requireRuns(piece, image)),
    "union",
    image.width * image.height,
  );
  const largest = pieces.reduce((best, piece) => (piece.area > best.area ? piece : best));
  const weight = pieces.reduce((total, { area }) => total + area, 0);
  const mean = (value: (piece: Cut) => number) =>
    pieces.reduce((total, piece) => total + value(piece) * piece.area, 0) / weight;
  const tiles = pieces.map(({ candidate }) => candidate.crop.box);
  const x0 = Math.min(...tiles.map((tile) => tile.x0));
  const y0 = Math.min(...tiles.map((tile) => tile.y0));
  const x1 = Math.max(...tiles.map((tile) => tile.x1));
  const y1 = Math.max(...tiles.map((tile) => tile.y1));
  const { x, y, width, height } = runsBoundingBox(runs, image.height);
  return {
    candidate: {
      crop: { index: largest.candidate.crop.index, box: { x0, y0, x1, y1, layer: 1 } },
      order: largest.candidate.order,
      point: largest.candidate.point,
      predictedIou: mean(({ candidate }) => candidate.predictedIou),
      lattice: largest.candidate.lattice,
      region: undefined,
    },
    stabilityScore: mean((piece) => piece.stabilityScore),
    level: largest.level,
    area: runsArea(runs),
    box: { minX: x - x0, minY: y - y0, maxX: x + width - 1 - x0, maxY: y + height - 1 - y0 },
    runs,
  };
}
