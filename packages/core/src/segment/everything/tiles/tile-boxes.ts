import { invalidInput } from "../../../errors.js";
import type { ImageSize } from "../../../image/rgba-image.js";
import type { CropBox } from "../crop-boxes.js";
import { MAX_AUTOMATIC_TILES, MAX_TILES, type ResolvedTileOptions } from "./tile-options.js";

/** Where the tiles of one axis begin: equally long, evenly spaced, overlapping by at least the wanted share. */
function startsAlong(length: number, tileSize: number, overlap: number): number[] {
  const tile = Math.min(tileSize, length);
  const step = Math.max(1, tile * (1 - overlap));
  const count = Math.max(1, Math.ceil((length - tile) / step) + 1);
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, index) => Math.round((index * (length - tile)) / (count - 1)));
}

function countTiles({ width, height }: ImageSize, tileSize: number, overlap: number): number {
  return startsAlong(width, tileSize, overlap).length * startsAlong(height, tileSize, overlap).length;
}

/**
 * The tiles of a picture, row by row, so that neighbours are looked at soon after one another. The whole picture comes first
 * where it is wanted, or where one tile holds it all.
 * @param modelSize - Side of the frame that the model takes, in pixels.
 * @throws MaskeryError `INVALID_INPUT` for a `tileSize` that makes more than 1024 tiles.
 */
export function tileBoxes(image: ImageSize, options: ResolvedTileOptions, modelSize: number): CropBox[] {
  const { overlap } = options;
  let tileSize = options.tileSize ?? modelSize;
  if (options.tileSize === undefined)
    while (countTiles(image, tileSize, overlap) > MAX_AUTOMATIC_TILES) tileSize = Math.ceil(tileSize * 1.05);
  const count = countTiles(image, tileSize, overlap);
  if (count > MAX_TILES) {
    throw invalidInput("tiles.tileSize", `a size that makes at most ${MAX_TILES} tiles`, `${count} tiles`);
  }
  const whole: CropBox = { x0: 0, y0: 0, x1: image.width, y1: image.height, layer: 0 };
  if (count === 1) return [whole];
  const width = Math.min(tileSize, image.width);
  const height = Math.min(tileSize, image.height);
  const tiles = startsAlong(image.height, tileSize, overlap).flatMap((y0) =>
    startsAlong(image.width, tileSize, overlap).map(
      (x0): CropBox => ({ x0, y0, x1: x0 + width, y1: y0 + height, layer: 1 }),
    ),
  );
  return options.wholePicture ? [whole, ...tiles] : tiles;
}
