import type { Mask } from "../mask/mask.js";

/** A click in image pixels; `(x, y)` names the centre of a pixel. Label 1 = on the object, 0 = not the object. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly label: 0 | 1;
}

/** A box in image pixels, corners `(x0, y0)` top left and `(x1, y1)` bottom right. */
export interface Box {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** One object to find, checked and in image pixels. */
export interface Prompt {
  readonly points: readonly Point[];
  readonly box?: Box;
  /** An earlier mask of the same picture to start from. */
  readonly mask?: Mask;
}

/** A point as a caller may write it: `label` is 1 when left out. */
export interface PointInput {
  readonly x: number;
  readonly y: number;
  readonly label?: 0 | 1 | undefined;
}

/** A box by its corners, or as the SDK reports `mask.bbox`. */
export type BoxInput =
  | Box
  | { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** Coordinates in image pixels (default), or `"normalized"`: 0..1 of the picture's width and height. */
export type CoordinateUnits = "pixel" | "normalized";

export interface PromptObject {
  readonly points?: readonly PointInput[] | undefined;
  readonly box?: BoxInput | undefined;
  readonly mask?: Mask | undefined;
  readonly units?: CoordinateUnits | undefined;
}

/** What `segment` takes: a list of points, or points, box and earlier mask together. They describe one object. */
export type PromptInput = readonly PointInput[] | PromptObject;
