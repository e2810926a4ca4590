/**
 * Mask scores as a model gives them: row-major `[height, width]`, positive inside. The image pixel `(x, y)` lies at the
 * plane position `((x + 0.5) * scaleX - 0.5, (y + 0.5) * scaleY - 0.5)`; between positions the value is bilinear.
 */
export interface LogitsPlane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Plane columns per image column. */
  readonly scaleX: number;
  /** Plane rows per image row. */
  readonly scaleY: number;
}
