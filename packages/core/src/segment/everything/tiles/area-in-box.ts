import type { Runs } from "../../../mask/runs.js";
import type { CropBox } from "../crop-boxes.js";

/** Pixels of a mask inside a box. One walk over the run lengths up to the box's last column. */
export function areaInBox(
  runs: Runs,
  imageHeight: number,
  { x0, y0, x1, y1 }: Omit<CropBox, "layer">,
): number {
  const first = x0 * imageHeight;
  const end = x1 * imageHeight;
  let area = 0;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    let start = position + runs[index]!;
    position = start + runs[index + 1]!;
    if (position <= first) continue;
    if (start >= end) break;
    start = Math.max(start, first);
    const last = Math.min(position, end);
    while (start < last) {
      const columnStart = start - (start % imageHeight);
      const columnEnd = Math.min(last, columnStart + imageHeight);
      const top = Math.max(start - columnStart, y0);
      const bottom = Math.min(columnEnd - columnStart, y1);
      if (bottom > top) area += bottom - top;
      start = columnEnd;
    }
  }
  return area;
}
