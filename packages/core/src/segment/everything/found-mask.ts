import type { ImageOutput } from "../../backend/platform.js";
import type { ImageSize } from "../../image/rgba-image.js";
import type { CocoRle, UncompressedRle } from "../../mask/coco-rle.js";
import { Mask } from "../../mask/mask.js";
import type { BoundingBox, Runs } from "../../mask/runs.js";
import type { Cut } from "./candidate.js";
import type { OutputMode } from "./options.js";

/** A mask's pixels in the form that `outputMode` names; `binary_mask` is row-major `[height, width]`, 1 inside and 0 outside. */
export type Segmentation = Uint8Array | UncompressedRle | CocoRle;

/** A record as the reference's `generate` returns it: snake_case, boxes as `[x, y, width, height]`. */
export interface ReferenceRecord {
  readonly segmentation: Segmentation;
  readonly area: number;
  /** `[minX, minY, maxX - minX, maxY - minY]`: a pixel less in width and height than COCO's. */
  readonly bbox: readonly [number, number, number, number];
  readonly predicted_iou: number;
  readonly point_coords: readonly [readonly [number, number]];
  readonly stability_score: number;
  readonly crop_box: readonly [number, number, number, number];
}

export interface FoundMaskParts {
  readonly id: number;
  readonly replaces: readonly number[];
  readonly cut: Cut & { readonly runs: Runs };
  readonly image: ImageSize;
  readonly output: ImageOutput;
  readonly outputMode: OutputMode;
}

/** One object that an automatic run found. */
export class FoundMask {
  /** Unique among the masks of one run, also over `candidates.filter`. */
  readonly id: number;
  /** Ids of masks that were streamed before and are superseded by this one; absent when there are none. */
  readonly replaces?: readonly number[];
  /** The pixels, at the picture's size. `mask.score` is the predicted IoU; low-resolution logits are not kept. */
  readonly mask: Mask;
  /** The model's estimate of the mask's IoU with the object. */
  readonly predictedIou: number;
  /** IoU of the mask cut a little tighter and a little wider, 0..1. */
  readonly stabilityScore: number;
  /** The point that was asked, in image pixels. */
  readonly pointCoords: readonly [readonly [x: number, y: number]];
  /** The crop in which it was found, in image pixels. */
  readonly cropBox: BoundingBox;
  readonly #outputMode: OutputMode;
  readonly #referenceBox: readonly [number, number, number, number];

  constructor({ id, replaces, cut, image, output, outputMode }: FoundMaskParts) {
    const { predictedIou, point, crop } = cut.candidate;
    const { x0, y0, x1, y1 } = crop.box;
    const { minX, minY, maxX, maxY } = cut.box;
    this.id = id;
    if (replaces.length > 0) this.replaces = replaces;
    this.mask = new Mask(image.width, image.height, cut.runs, { score: predictedIou, output });
    this.predictedIou = predictedIou;
    this.stabilityScore = cut.stabilityScore;
    this.pointCoords = [point];
    this.cropBox = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    this.#outputMode = outputMode;
    this.#referenceBox = [minX + x0, minY + y0, maxX - minX, maxY - minY];
  }

  /** Pixels of the mask. */
  get area(): number {
    return this.mask.area;
  }

  /** The smallest box around the mask; `width` and `height` count pixels, as everywhere in the SDK. */
  get bbox(): BoundingBox {
    return this.mask.bbox;
  }

  /** The pixels as `outputMode` asks. Made anew at each access, because a bitmap is as large as the picture. */
  get segmentation(): Segmentation {
    switch (this.#outputMode) {
      case "binary_mask":
        return this.mask.toBitmap();
      case "uncompressed_rle":
        return this.mask.toRle();
      case "coco_rle":
        return this.mask.toCocoRle();
    }
  }

  /** The record that the Python generators give, with their box convention. */
  toReferenceRecord(): ReferenceRecord {
    const { x, y, width, height } = this.cropBox;
    return {
      segmentation: this.segmentation,
      area: this.area,
      bbox: this.#referenceBox,
      predicted_iou: this.predictedIou,
      point_coords: this.pointCoords,
      stability_score: this.stabilityScore,
      crop_box: [x, y, width, height],
    };
  }
}
