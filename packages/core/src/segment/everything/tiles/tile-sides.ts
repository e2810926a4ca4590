import type { ImageSize } from "../../../image/rgba-image.js";
import type { Cut } from "../candidate.js";
import type { CropBox } from "../crop-boxes.js";

/** The sides of its tile at which a mask ends because the tile ends there. */
export interface CutSides {
  readonly left: boolean;
  readonly top: boolean;
  readonly right: boolean;
  readonly bottom: boolean;
}

/** A mask ends at a side when it comes as near as one sample of its plane: nearer the plane cannot tell. */
export function cutSides({ box, area, candidate }: Cut, image: ImageSize): CutSides {
  const { x0, y0, x1, y1, layer } = candidate.crop.box;
  if (layer === 0 || area === 0) return { left: false, top: false, right: false, bottom: false };
  const reachX = Math.max(1, candidate.lattice.columns.pixelsPerSample);
  const reachY = Math.max(1, candidate.lattice.rows.pixelsPerSample);
  return {
    left: x0 > 0 && box.minX < reachX,
    top: y0 > 0 && box.minY < reachY,
    right: x1 < image.width && x1 - x0 - 1 - box.maxX < reachX,
    bottom: y1 < image.height && y1 - y0 - 1 - box.maxY < reachY,
  };
}

export function isCut({ left, top, right, bottom }: CutSides): boolean {
  return left || top || right || bottom;
}

/** Whether `other` shows what lies beyond one of the sides at which a mask of `tile` is cut. */
export function goesOnIn(sides: CutSides, tile: CropBox, other: CropBox): boolean {
  return (
    (sides.left && other.x0 < tile.x0) ||
    (sides.top && other.y0 < tile.y0) ||
    (sides.right && other.x1 > tile.x1) ||
    (sides.bottom && other.y1 > tile.y1)
  );
}

/** The part of the picture that two tiles share. */
export function sharedBand(first: CropBox, second: CropBox): Omit<CropBox, "layer"> | undefined {
  const x0 = Math.max(first.x0, second.x0);
  const y0 = Math.max(first.y0, second.y0);
  const x1 = Math.min(first.x1, second.x1);
  const y1 = Math.min(first.y1, second.y1);
  return x1 > x0 && y1 > y0 ? { x0, y0, x1, y1 } : undefined;
}
