import type { PixelWindow } from "./window.js";

/**
 * Mask scores as a model gives them: row-major `[height, width]`, positive inside. Image columns and rows count from the
 * window's corner, or from the picture's where there is no window: the pixel `(x, y)` lies at the plane position
 * `((x + 0.5) * scaleX - 0.5, (y + 0.5) * scaleY - 0.5)`; between positions the value is bilinear.
 */
export interface LogitsPlane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Plane columns per image column. */
  readonly scaleX: number;
  /** Plane rows per image row. */
  readonly scaleY: number;
  /** The part of the picture that the plane is about; all beyond it is background. Default: the whole picture. */
  readonly window?: PixelWindow | undefined;
}
