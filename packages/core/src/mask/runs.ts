/**
 * Run lengths of a mask in COCO order: pixels column by column (index `x * height + y`), alternating lengths that begin
 * with background. Normal form: only the first length may be 0, lengths sum to `width * height`.
 * Source of the order: cocodataset/cocoapi, common/maskApi.c.
 */
export type Runs = Uint32Array;

/** Box in whole pixels; `width` and `height` count pixels, as in COCO. An empty mask has the box 0, 0, 0, 0. */
export interface BoundingBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Foreground pixels. */
export function runsArea(runs: Runs): number {
  let area = 0;
  for (let index = 1; index < runs.length; index += 2) area += runs[index]!;
  return area;
}

export function runsBoundingBox(runs: Runs, height: number): BoundingBox {
  let minX = -1;
  let maxX = -1;
  let minY = height;
  let maxY = -1;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    const start = position + runs[index]!;
    position = start + runs[index + 1]!;
    const last = position - 1;
    const firstColumn = Math.floor(start / height);
    const lastColumn = Math.floor(last / height);
    if (minX < 0) minX = firstColumn;
    maxX = lastColumn;
    if (firstColumn === lastColumn) {
      minY = Math.min(minY, start - firstColumn * height);
      maxY = Math.max(maxY, last - lastColumn * height);
    } else {
      // A run that crosses into the next column touches the bottom of one and the top of the other.
      minY = 0;
      maxY = height - 1;
    }
  }
  if (maxX < 0) return { x: 0, y: 0, width: 0, height: 0 };
  return { x: minX, y: minY, width: maxX - minX + 1, height: maxY - minY + 1 };
}

/** Foreground pixels that two masks of one size share. One walk over both lists. */
export function runsIntersectionArea(first: Runs, second: Runs): number {
  let area = 0;
  let firstIndex = 0;
  let secondIndex = 0;
  let firstLeft = first[0] ?? 0;
  let secondLeft = second[0] ?? 0;
  while (firstIndex < first.length && secondIndex < second.length) {
    const step = Math.min(firstLeft, secondLeft);
    if (firstIndex & secondIndex & 1) area += step;
    firstLeft -= step;
    secondLeft -= step;
    if (firstLeft === 0) firstLeft = first[++firstIndex] ?? 0;
    if (secondLeft === 0) secondLeft = second[++secondIndex] ?? 0;
  }
  return area;
}

/** Whether the pixel at a column-major index is foreground. Linear in the number of runs. */
export function runsContain(runs: Runs, pixel: number): boolean {
  let position = 0;
  for (let index = 0; index < runs.length; index++) {
    position += runs[index]!;
    if (pixel < position) return (index & 1) === 1;
  }
  return false;
}

/** Mean of the foreground's pixel centres; undefined without foreground. */
export function runsCentroid(runs: Runs, height: number): { x: number; y: number } | undefined {
  let area = 0;
  let sumX = 0;
  let sumY = 0;
  let position = 0;
  for (let index = 0; index + 1 < runs.length; index += 2) {
    position += runs[index]!;
    let left = runs[index + 1]!;
    let x = Math.floor(position / height);
    let y = position - x * height;
    area += left;
    position += left;
    while (left > 0) {
      const length = Math.min(left, height - y);
      sumX += x * length;
      sumY += length * (y + (length - 1) / 2);
      left -= length;
      y = 0;
      x++;
    }
  }
  return area === 0 ? undefined : { x: sumX / area, y: sumY / area };
}
