/** A found box in pixels, with the class and the score it was found with. */
export interface ScoredBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly classNumber: number;
  readonly score: number;
}

/**
 * Non-maximum suppression: best first, and of boxes of one class that overlap by more than `iou` only the best.
 * @param atMost - How many are kept.
 */
export function bestBoxes<Box extends ScoredBox>(boxes: readonly Box[], iou: number, atMost: number): Box[] {
  const kept: Box[] = [];
  for (const box of [...boxes].sort((first, second) => second.score - first.score)) {
    if (kept.length === atMost) break;
    const isDuplicate = kept.some(
      (better) => better.classNumber === box.classNumber && overlap(better, box) > iou,
    );
    if (!isDuplicate) kept.push(box);
  }
  return kept;
}

function overlap(first: ScoredBox, second: ScoredBox): number {
  const width = Math.min(first.x2, second.x2) - Math.max(first.x1, second.x1);
  const height = Math.min(first.y2, second.y2) - Math.max(first.y1, second.y1);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (area(first) + area(second) - shared);
}

function area({ x1, y1, x2, y2 }: ScoredBox): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}
