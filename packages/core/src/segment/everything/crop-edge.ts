import type { ImageSize } from "../../image/rgba-image.js";
import type { MaskBox } from "./box-nms.js";
import type { CropBox } from "./crop-boxes.js";

/** How near a mask's side lies to the crop's when the crop probably cut the object. */
const EDGE_DISTANCE_PX = 20;

/**
 * Whether a side of the mask lies within 20 pixels of the same side of its crop, and not as near to that side of the whole
 * picture: then the object probably goes on beyond the crop, and another crop shows it better.
 * Source: facebookresearch/segment-anything, utils/amg.py (is_box_near_crop_edge).
 * @param box - In pixels of the crop.
 */
export function isNearCropEdge(box: MaskBox, crop: CropBox, image: ImageSize): boolean {
  return (
    isCut(box.minX + crop.x0, crop.x0, 0) ||
    isCut(box.minY + crop.y0, crop.y0, 0) ||
    isCut(box.maxX + crop.x0, crop.x1, image.width) ||
    isCut(box.maxY + crop.y0, crop.y1, image.height)
  );
}

function isCut(side: number, cropSide: number, imageSide: number): boolean {
  return Math.abs(side - cropSide) <= EDGE_DISTANCE_PX && Math.abs(side - imageSide) > EDGE_DISTANCE_PX;
}
