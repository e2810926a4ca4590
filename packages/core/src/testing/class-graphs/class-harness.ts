import type { Runtime } from "../../backend/runtime.js";
import { Mask } from "../../mask/mask.js";
import { placeClassModel } from "../../model/classes/place-class-model.js";
import { fourShapes, oneBlock, type PictureCase } from "../layout-graphs/layout-cases.js";
import { type ClassGraphModel, oneGraphStore } from "./class-model.js";
import type { DrawnColour } from "./colour-classes.js";

/** Pictures with two red and two green shapes each. */
export function classPictures(): PictureCase[] {
  return [
    fourShapes("landscape", 300, 200),
    fourShapes("wide landscape", 401, 187),
    fourShapes("portrait", 157, 320),
    fourShapes("square", 240, 240),
    fourShapes("odd sides, enlarged", 101, 75),
  ];
}

/** A block of red and nothing green; the smallest is a single pixel. */
export function smallClassPictures(): PictureCase[] {
  return [
    oneBlock("one pixel", 1, 1, [0, 0, 1, 1]),
    oneBlock("tiny", 14, 10, [2 / 14, 2 / 10, 8 / 14, 8 / 10]),
    oneBlock("one row", 200, 1, [0.2, 0, 0.45, 1]),
  ];
}

export interface MeasuredClass {
  readonly colour: DrawnColour;
  readonly class: string;
  /** 0 where the class was not found. */
  readonly iou: number;
  readonly confidence: number;
}

export interface MeasuredClasses {
  readonly measured: readonly MeasuredClass[];
  /** Names of all segments that were found, sorted. */
  readonly found: readonly string[];
}

/** Asks a model about one drawn picture and holds the answer against what was drawn. */
export async function measureClasses(
  model: ClassGraphModel,
  runtime: Runtime,
  { picture }: PictureCase,
): Promise<MeasuredClasses> {
  const placed = await placeClassModel(model.spec, oneGraphStore(model.model), runtime, { threads: 1 });
  try {
    const segments = await placed.find(picture.image);
    const { red, green } = picture;
    const truths = { red, green, ground: red.union(green).invert() };
    const wanted = Object.entries(model.classes) as [DrawnColour, string][];
    const measured = wanted.map(([colour, name]): MeasuredClass => {
      const segment = segments.find((candidate) => candidate.class === name);
      const mask = segment && new Mask(picture.image.width, picture.image.height, segment.runs);
      return {
        colour,
        class: name,
        iou: mask?.iou(truths[colour]) ?? 0,
        confidence: segment?.confidence ?? 0,
      };
    });
    return { measured, found: segments.map((segment) => segment.class).sort() };
  } finally {
    await placed.dispose();
  }
}
