import { z } from "zod";

/** Sides of tiles at least: below, a model sees no objects. */
export const MIN_TILE_SIZE_PX = 64;
/** Tiles that the default size makes at most; a given `tileSize` may make more. */
export const MAX_AUTOMATIC_TILES = 36;
/** Tiles that one run takes at most. */
export const MAX_TILES = 1024;
const DEFAULT_OVERLAP = 0.25;
const DEFAULT_MERGE_THRESH = 0.5;

/** How `tiles` cuts a picture. All members are optional; `"auto"` is the same as `{}`. */
export interface TileOptions {
  /**
   * Side of a tile in pixels of the picture. Default: what the model takes, so that it sees every pixel; larger where that
   * would make more than 36 tiles.
   */
  readonly tileSize?: number | undefined;
  /** Share of a tile's side that it has in common with its neighbour, at least: 0.05 to 0.5. Default 0.25. */
  readonly overlap?: number | undefined;
  /** Points along each side of a tile's grid. Default: half of `pointsPerSide`, rounded up. */
  readonly pointsPerSide?: number | undefined;
  /** Whether the whole picture is looked at too, for objects larger than tiles. Default true. */
  readonly wholePicture?: boolean | undefined;
  /** Masks of two tiles are one object when their IoU in the band that the tiles share reaches this. Default 0.5. */
  readonly mergeThresh?: number | undefined;
}

export interface ResolvedTileOptions {
  readonly tileSize: number | undefined;
  readonly overlap: number;
  readonly pointsPerSide: number | undefined;
  readonly wholePicture: boolean;
  readonly mergeThresh: number;
}

const tileShape = z.strictObject({
  tileSize: z.int().min(MIN_TILE_SIZE_PX).optional(),
  overlap: z.number().min(0.05).max(0.5).default(DEFAULT_OVERLAP),
  pointsPerSide: z.int().min(1).max(256).optional(),
  wholePicture: z.boolean().default(true),
  mergeThresh: z.number().min(0).max(1).default(DEFAULT_MERGE_THRESH),
});

export const tileSchema = z.preprocess((value) => (value === "auto" ? {} : value), tileShape);
