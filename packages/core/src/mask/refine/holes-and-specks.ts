import { labelComponents, runsOfPieces } from "../components.js";
import { combineRuns, invertRuns } from "../run-algebra.js";
import type { Runs } from "../runs.js";

/**
 * Fills holes of at most `maxPixels`: pieces of background whose pixels share edges and that do not reach the picture's
 * edge.
 */
export function fillHoles(runs: Runs, width: number, height: number, maxPixels: number): Runs {
  const pieces = labelComponents(invertRuns(runs), width, height, 4);
  const { segments, label, area } = pieces;
  const isHole = new Uint8Array(pieces.count).fill(1);
  for (let segment = 0; segment < segments.count; segment++) {
    const x = segments.column[segment]!;
    const touchesEdge =
      x === 0 || x === width - 1 || segments.top[segment] === 0 || segments.bottom[segment] === height;
    if (touchesEdge) isHole[label[segment]!] = 0;
  }
  const holes = runsOfPieces(
    pieces,
    width,
    height,
    (piece) => isHole[piece] === 1 && area[piece]! <= maxPixels,
  );
  return combineRuns(runs, holes, "union", width * height);
}

/** Drops pieces (pixels that share an edge or a corner) of less than `minPixels`, but never the largest of all. */
export function dropSpecks(runs: Runs, width: number, height: number, minPixels: number): Runs {
  const pieces = labelComponents(runs, width, height, 8);
  const { area } = pieces;
  let largest = 0;
  for (let piece = 1; piece < pieces.count; piece++) if (area[piece]! > area[largest]!) largest = piece;
  return runsOfPieces(pieces, width, height, (piece) => piece === largest || area[piece]! >= minPixels);
}
