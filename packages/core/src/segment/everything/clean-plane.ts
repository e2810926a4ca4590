import { type LabeledSegments, labelComponents } from "../../mask/components.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import { invertRuns } from "../../mask/run-algebra.js";
import { RunBuilder } from "../../mask/run-builder.js";
import type { PixelLattice } from "./pixel-lattice.js";

/** SAM2's generator leaves its predictor's threshold at 0, whatever its own `mask_threshold`. */
const PREDICTOR_THRESHOLD = 0;
/** How far beyond the threshold a filled hole or a wiped speck lies. */
const CERTAIN_LOGIT = 10;

/**
 * Fills holes and wipes specks of up to `maxArea` samples (touching corners belong together) in low-resolution logits. Both are
 * looked for in the plane as it came. Padding of the model's frame takes no part.
 * Source: facebookresearch/sam2, utils/transforms.py (postprocess_masks), automatic_mask_generator.py.
 * @returns The plane itself when nothing changes, else a copy.
 */
export function cleanPlane(plane: LogitsPlane, lattice: PixelLattice, maxArea: number): LogitsPlane {
  const columns = lattice.columns.pictureSamples;
  const rows = lattice.rows.pictureSamples;
  const builder = new RunBuilder();
  let inside = false;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const above = plane.data[row * plane.width + column]! > PREDICTOR_THRESHOLD;
      if (above === inside) continue;
      inside = above;
      builder.toggle(row * columns + column);
    }
  }
  // Runs go down columns, the plane lies in rows: with sides exchanged the same component search serves.
  const foreground = builder.finish(columns * rows);
  const holes = labelComponents(invertRuns(foreground), rows, columns, 8);
  const specks = labelComponents(foreground, rows, columns, 8);
  const data = plane.data.slice();
  const filled = writePieces(data, plane.width, holes, maxArea, PREDICTOR_THRESHOLD + CERTAIN_LOGIT);
  const wiped = writePieces(data, plane.width, specks, maxArea, PREDICTOR_THRESHOLD - CERTAIN_LOGIT);
  return filled || wiped ? { ...plane, data } : plane;
}

function writePieces(
  data: Float32Array,
  width: number,
  pieces: LabeledSegments,
  maxArea: number,
  value: number,
): boolean {
  const { segments, label, area } = pieces;
  let written = false;
  for (let segment = 0; segment < segments.count; segment++) {
    if (area[label[segment]!]! > maxArea) continue;
    const row = segments.column[segment]! * width;
    data.fill(value, row + segments.top[segment]!, row + segments.bottom[segment]!);
    written = true;
  }
  return written;
}
