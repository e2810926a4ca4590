import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";

/** A part of the picture: columns `x0` up to but without `x1`, rows `y0` up to but without `y1`. */
export interface CropBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** 0 for the whole picture, i for one of the 2^i × 2^i crops of layer i. */
  readonly layer: number;
}

/**
 * The whole picture, then the overlapping crops of each layer, column by column. Crops of very small pictures that would
 * have no pixel are left out; the reference fails on them.
 * Source: facebookresearch/segment-anything, utils/amg.py (generate_crop_boxes).
 */
export function cropBoxes(image: ImageSize, layers: number, overlapRatio: number): CropBox[] {
  const { width, height } = image;
  const boxes: CropBox[] = [{ x0: 0, y0: 0, x1: width, y1: height, layer: 0 }];
  for (let layer = 1; layer <= layers; layer++) {
    const perSide = 2 ** layer;
    const overlap = Math.floor(overlapRatio * Math.min(width, height) * (2 / perSide));
    const cropLength = (length: number) => Math.ceil((overlap * (perSide - 1) + length) / perSide);
    const cropWidth = cropLength(width);
    const cropHeight = cropLength(height);
    for (let column = 0; column < perSide; column++) {
      for (let row = 0; row < perSide; row++) {
        const x0 = (cropWidth - overlap) * column;
        const y0 = (cropHeight - overlap) * row;
        const box = {
          x0,
          y0,
          x1: Math.min(x0 + cropWidth, width),
          y1: Math.min(y0 + cropHeight, height),
          layer,
        };
        if (box.x1 > box.x0 && box.y1 > box.y0) boxes.push(box);
      }
    }
  }
  return boxes;
}

/** Copies the pixels of a crop. */
export function cropPixels(image: RgbaImage, box: CropBox): RgbaImage {
  const width = box.x1 - box.x0;
  const height = box.y1 - box.y0;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const start = ((box.y0 + y) * image.width + box.x0) * 4;
    data.set(image.data.subarray(start, start + width * 4), y * width * 4);
  }
  return { data, width, height };
}
