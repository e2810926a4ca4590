import { MaskeryError } from "../../errors.js";
import { wholeNumberBetween } from "../../number-between.js";
import type { Mask } from "../mask.js";
import {
  type CocoAnnotation,
  type CocoSegmentationOptions,
  cocoAnnotationFromMask,
} from "./coco-annotation.js";

export interface CocoInfo {
  readonly year?: number;
  readonly version?: string;
  readonly description?: string;
  readonly contributor?: string;
  readonly url?: string;
  readonly date_created?: string;
}

export interface CocoLicense {
  readonly id: number;
  readonly name: string;
  readonly url?: string;
}

export interface CocoImage {
  readonly id: number;
  readonly width: number;
  readonly height: number;
  readonly file_name: string;
  readonly license?: number;
  readonly date_captured?: string;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly supercategory: string;
}

/** The file `instances_*.json` of a COCO data set. */
export interface CocoDatasetJson {
  readonly info: CocoInfo;
  readonly licenses: readonly CocoLicense[];
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly CocoCategory[];
}

export interface CocoImageInput {
  readonly fileName: string;
  readonly width: number;
  readonly height: number;
  /** Default: the next free number. */
  readonly id?: number;
  readonly license?: number;
  readonly dateCaptured?: string;
}

export interface CocoMaskInput {
  /** From `addImage`. */
  readonly imageId: number;
  /** From `addCategory`. */
  readonly categoryId: number;
  readonly mask: Mask;
  /** Default: the next free number. */
  readonly id?: number;
  readonly crowd?: boolean;
  readonly score?: number;
  readonly segmentation?: CocoSegmentationOptions;
}

/**
 * Collects pictures and masks and writes them as one COCO data set. Ids begin at 1 and are unique within images,
 * categories and annotations; `JSON.stringify(dataset)` gives the file.
 *
 * @example
 * const dataset = new CocoDataset({ description: "walls" });
 * const wall = dataset.addCategory("wall");
 * const image = dataset.addImage({ fileName: "house.jpg", width: 1920, height: 1080 });
 * dataset.addMask({ imageId: image, categoryId: wall, mask });
 */
export class CocoDataset {
  readonly #info: CocoInfo;
  readonly #licenses: readonly CocoLicense[];
  readonly #images = new Map<number, CocoImage>();
  readonly #categories = new Map<number, CocoCategory>();
  readonly #annotations = new Map<number, CocoAnnotation>();

  constructor(info: CocoInfo = {}, licenses: readonly CocoLicense[] = []) {
    this.#info = info;
    this.#licenses = licenses;
  }

  /** @returns The picture's id. @throws MaskeryError `INVALID_INPUT` for a bad size, `CONFLICT` for an id in use. */
  addImage(image: CocoImageInput): number {
    const width = wholeNumberBetween("width", image.width ?? Number.NaN, 0, 1, Number.MAX_SAFE_INTEGER);
    const height = wholeNumberBetween("height", image.height ?? Number.NaN, 0, 1, Number.MAX_SAFE_INTEGER);
    const id = freeId(this.#images, image.id, "image");
    this.#images.set(id, {
      id,
      width,
      height,
      file_name: image.fileName,
      ...(image.license === undefined ? {} : { license: image.license }),
      ...(image.dateCaptured === undefined ? {} : { date_captured: image.dateCaptured }),
    });
    return id;
  }

  /** @returns The category's id; a name that is already there keeps its own. @throws MaskeryError `CONFLICT`. */
  addCategory(name: string, options: { readonly supercategory?: string; readonly id?: number } = {}): number {
    for (const category of this.#categories.values()) {
      if (category.name === name && (options.id === undefined || options.id === category.id))
        return category.id;
    }
    const id = freeId(this.#categories, options.id, "category");
    this.#categories.set(id, { id, name, supercategory: options.supercategory ?? "" });
    return id;
  }

  /**
   * @returns The annotation's id.
   * @throws MaskeryError `NOT_FOUND` for an unknown picture or category, `INVALID_INPUT` for a mask of another size than
   * its picture, `CONFLICT` for an id in use.
   */
  addMask(input: CocoMaskInput): number {
    const image = this.#images.get(input.imageId);
    if (!image)
      throw new MaskeryError("NOT_FOUND", `imageId: there is no image ${input.imageId}`, {
        field: "imageId",
      });
    if (!this.#categories.has(input.categoryId)) {
      throw new MaskeryError("NOT_FOUND", `categoryId: there is no category ${input.categoryId}`, {
        field: "categoryId",
      });
    }
    const { mask } = input;
    if (mask.width !== image.width || mask.height !== image.height) {
      throw new MaskeryError(
        "INVALID_INPUT",
        `mask: expected a mask of ${image.width} × ${image.height}, the size of image ${image.id}, received ${mask.width} × ${mask.height}`,
        { field: "mask" },
      );
    }
    const id = freeId(this.#annotations, input.id, "annotation");
    this.#annotations.set(id, cocoAnnotationFromMask(mask, { ...input, id }));
    return id;
  }

  /** The whole data set as plain data. */
  toJSON(): CocoDatasetJson {
    return {
      info: this.#info,
      licenses: this.#licenses,
      images: [...this.#images.values()],
      annotations: [...this.#annotations.values()],
      categories: [...this.#categories.values()],
    };
  }
}

function freeId(taken: ReadonlyMap<number, unknown>, wanted: number | undefined, kind: string): number {
  if (wanted !== undefined) {
    wholeNumberBetween("id", wanted, 0, 0, Number.MAX_SAFE_INTEGER);
    if (taken.has(wanted))
      throw new MaskeryError("CONFLICT", `id: there is already an ${kind} ${wanted}`, { field: "id" });
    return wanted;
  }
  let id = taken.size + 1;
  while (taken.has(id)) id++;
  return id;
}
