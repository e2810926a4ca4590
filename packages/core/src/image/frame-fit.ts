import type { ImageSize } from "./rgba-image.js";

/** How a picture is brought to the square that a model takes. */
export type ResizeRule =
  /** Longest side to the model's size, ratio kept, zeros on the right and bottom after normalising (SAM). */
  | "letterbox"
  /** Both sides to the model's size, ratio lost (SAM2). */
  | "stretch";

/** Where a picture lies in the model's square frame of `size` × `size` pixels, from the top left corner. */
export interface FrameFit {
  readonly size: number;
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** Frame pixels per image pixel. Rounded sizes make the two differ slightly. */
  readonly scaleX: number;
  readonly scaleY: number;
}

/**
 * The size rule of SAM: `floor(side * scale + 0.5)` in double precision, at least 1. Small pictures are scaled up.
 * Source: facebookresearch/segment-anything, segment_anything/utils/transforms.py.
 */
export function fitToFrame(image: ImageSize, size: number, rule: ResizeRule): FrameFit {
  const scale = size / Math.max(image.width, image.height);
  const fitSide = (side: number) => (rule === "stretch" ? size : Math.max(1, Math.floor(side * scale + 0.5)));
  const resizedWidth = fitSide(image.width);
  const resizedHeight = fitSide(image.height);
  return {
    size,
    resizedWidth,
    resizedHeight,
    scaleX: resizedWidth / image.width,
    scaleY: resizedHeight / image.height,
  };
}

/** Size of the picture that lies in a frame as `fit` says. */
export function imageSizeOf(fit: FrameFit): ImageSize {
  return {
    width: Math.round(fit.resizedWidth / fit.scaleX),
    height: Math.round(fit.resizedHeight / fit.scaleY),
  };
}
