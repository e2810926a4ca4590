import type { PictureFrame } from "./picture-frame.js";

/** Where image pixels lie on a plane: column `x` at `(x + 0.5) * scaleX + offsetX - 0.5`, rows likewise. */
export interface PlaneMapping {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** For a plane of `width` × `height` that covers the whole input, padding and all. */
export function mappingToPlane(frame: PictureFrame, width: number, height: number): PlaneMapping {
  const columns = width / frame.width;
  const rows = height / frame.height;
  return {
    scaleX: frame.scaleX * columns,
    scaleY: frame.scaleY * rows,
    offsetX: frame.left * columns,
    offsetY: frame.top * rows,
  };
}

/** For each of `length` image positions from `start`: the plane position at or before it, and how far it is to the next one. */
export interface PlanePositions {
  readonly before: Int32Array;
  readonly fraction: Float64Array;
}

export function planePositions(
  start: number,
  length: number,
  scale: number,
  offset: number,
  planeLength: number,
): PlanePositions {
  const before = new Int32Array(length);
  const fraction = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    const exact = (start + index + 0.5) * scale + offset - 0.5;
    const position = Math.min(planeLength - 1, Math.max(0, exact));
    before[index] = Math.floor(position);
    fraction[index] = position - before[index]!;
  }
  return { before, fraction };
}
