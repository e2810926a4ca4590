import type { ImageOutput } from "../backend/platform.js";
import type { ImageSize } from "../image/rgba-image.js";
import { Mask } from "../mask/mask.js";
import type { PixelWindow } from "../mask/window.js";
import type { DecodedObject } from "../model/layout.js";

/** Where the time of one call went, in milliseconds. Steps that a cache spared are 0. */
export interface SegmentTimings {
  /** Bytes to pixels. */
  readonly decodeMs: number;
  /** Pixels to embedding. */
  readonly encodeMs: number;
  /** Embedding and prompts to masks at the picture's size. */
  readonly promptMs: number;
  readonly totalMs: number;
}

/** What one prompt gives. */
export interface SegmentResult {
  /** All candidates of the model, best predicted IoU first, at the picture's size. */
  readonly masks: readonly Mask[];
  /** The first of `masks`. */
  readonly best: Mask;
  readonly image: ImageSize;
  readonly model: string;
  readonly device: string;
  /** Whether these masks were remembered: no model ran for them. */
  readonly cached: boolean;
  /** Whether the picture was already encoded. */
  readonly imageCached: boolean;
  /** The part of the picture that the model saw last, with `focus`; absent where it was the whole picture. */
  readonly focus?: PixelWindow | undefined;
  readonly timings: SegmentTimings;
}

/**
 * Cuts a decoder's planes into masks, best first; equal scores keep the model's order.
 * @param window - The part of the picture that was decoded. Default: the whole picture.
 */
export function masksFromDecoded(
  object: DecodedObject,
  image: ImageSize,
  output: ImageOutput,
  window?: PixelWindow,
): Mask[] {
  return object.planes
    .map((plane, index) => ({
      plane: window ? { ...plane, window } : plane,
      score: object.scores[index] ?? 0,
    }))
    .sort((first, second) => second.score - first.score)
    .map(({ plane, score }) => Mask.fromLogits(plane, image.width, image.height, { score, output }));
}
