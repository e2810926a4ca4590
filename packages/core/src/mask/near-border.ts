import type { Runs } from "./runs.js";
import type { PixelWindow } from "./window.js";

/** The method's work grows with the square of the reach; a distance transform of everything is better beyond this. */
export const MOST_NEAR_PIXELS = 40;

/** No pixel of the other side in the column, near enough to count. */
const NONE = 255;
/** None either, but the row's neighbour is on the other side. */
const BESIDE = 254;

/**
 * Visits the pixels near a mask's border with their exact squared distance to the nearest pixel of the other side. Unlike a
 * distance transform it looks at nothing but the neighbourhood of the border: distances along columns there, then for each
 * pixel the columns on both sides for as long as they can hold something nearer.
 * @param bitmap - The window's pixels, row-major of 0 and 1, as `windowBitmap` gives them.
 * @param reach - Whole pixels, at most `MOST_NEAR_PIXELS`. The window must hold all that lies so near to the mask.
 * @param visit - Gets an index into the window and a squared distance, at most `reach * reach`.
 */
export function forEachNearBorder(
  runs: Runs,
  pictureHeight: number,
  window: PixelWindow,
  bitmap: Uint8Array,
  reach: number,
  visit: (index: number, squaredDistance: number) => void,
): void {
  const { width, height } = window;
  const inColumn = distancesInColumns(runs, pictureHeight, window, reach);
  markSides(bitmap, inColumn, width, height);
  const farthest = reach * reach;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    // A stretch near the border ends `reach` pixels after the last mark, and begins as many before the first.
    let done = 0;
    for (let mark = 0; mark < width; mark++) {
      if (inColumn[row + mark] === NONE) continue;
      let last = mark + reach;
      let next = mark + 1;
      for (; next < width && next - reach <= last + 1; next++)
        if (inColumn[row + next] !== NONE) last = next + reach;
      const end = Math.min(width - 1, last);
      for (let x = Math.max(done, mark - reach); x <= end; x++) {
        const squared = nearestInRow(bitmap, inColumn, row, x, width, farthest);
        if (squared <= farthest) visit(row + x, squared);
      }
      done = end + 1;
      mark = next - 1;
    }
  }
}

function nearestInRow(
  bitmap: Uint8Array,
  inColumn: Uint8Array,
  row: number,
  x: number,
  width: number,
  farthest: number,
): number {
  const own = bitmap[row + x]!;
  const above = inColumn[row + x]!;
  let best = above < BESIDE ? above * above : farthest + 1;
  for (let step = 1; step * step < best; step++) {
    const across = step * step;
    if (x >= step) {
      const index = row + x - step;
      const along = bitmap[index] === own ? inColumn[index]! : 0;
      const squared = across + along * along;
      if (squared < best) best = squared;
    }
    if (x + step < width) {
      const index = row + x + step;
      const along = bitmap[index] === own ? inColumn[index]! : 0;
      const squared = across + along * along;
      if (squared < best) best = squared;
    }
  }
  return best;
}

/** Pixels to the nearest of the other side in the same column, up to `reach`; `NONE` beyond. */
function distancesInColumns(
  runs: Runs,
  pictureHeight: number,
  window: PixelWindow,
  reach: number,
): Uint8Array {
  const { width, height } = window;
  const distances = new Uint8Array(width * height).fill(NONE);
  let position = 0;
  for (let run = 0; run + 1 < runs.length; run++) {
    position += runs[run]!;
    const column = Math.floor(position / pictureHeight);
    const border = position - column * pictureHeight - window.y;
    const x = column - window.x;
    // Where one column ends and the next begins there is no border.
    if (position === column * pictureHeight || x < 0 || x >= width) continue;
    for (let step = 0; step < reach; step++) {
      const above = border - 1 - step;
      if (above < 0) break;
      const index = above * width + x;
      if (distances[index]! <= step + 1) break;
      distances[index] = step + 1;
    }
    for (let step = 0; step < reach; step++) {
      const below = border + step;
      if (below >= height) break;
      distances[below * width + x] = step + 1;
    }
  }
  return distances;
}

/** Marks pixels that differ from their neighbour in the row, so that upright borders are found too. */
function markSides(bitmap: Uint8Array, distances: Uint8Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let index = row + 1; index < row + width; index++) {
      if (bitmap[index] === bitmap[index - 1]) continue;
      if (distances[index] === NONE) distances[index] = BESIDE;
      if (distances[index - 1] === NONE) distances[index - 1] = BESIDE;
    }
  }
}
