/** Inclusive pixel indices of a mask's outermost pixels; all zeros for an empty mask. */
export interface MaskBox {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

export interface NmsResult {
  /** Indices of the boxes that stay, best score first; this is the order of results. */
  readonly kept: readonly number[];
  /** For each box the index of the box that suppressed it, -1 for those that stay. */
  readonly suppressedBy: Int32Array;
}

/**
 * Greedy non-maximum suppression: from the best score down, a box stays unless its IoU with one that stayed exceeds the
 * threshold. Areas are `(maxX - minX) * (maxY - minY)`, without the pixel that COCO adds; two boxes without area have no
 * IoU and never suppress each other. Equal scores keep their order, where the reference leaves it open.
 * Source: pytorch/vision, torchvision/csrc/ops/cpu/nms_kernel.cpp.
 */
export function suppressOverlapping(
  boxes: readonly MaskBox[],
  scores: readonly number[],
  threshold: number,
): NmsResult {
  const order = boxes.map((_, index) => index).sort((first, second) => scores[second]! - scores[first]!);
  const suppressedBy = new Int32Array(boxes.length).fill(-1);
  const kept: number[] = [];
  // Corners and area of the boxes that stayed, five numbers each: one flat list is quick to walk.
  const keptBoxes = new Float64Array(boxes.length * 5);
  for (const index of order) {
    const { minX, minY, maxX, maxY } = boxes[index]!;
    const area = (maxX - minX) * (maxY - minY);
    let suppressor = -1;
    for (let place = 0; place < kept.length; place++) {
      const entry = place * 5;
      const width = Math.min(maxX, keptBoxes[entry + 2]!) - Math.max(minX, keptBoxes[entry]!);
      if (width < 0) continue;
      const height = Math.min(maxY, keptBoxes[entry + 3]!) - Math.max(minY, keptBoxes[entry + 1]!);
      if (height < 0) continue;
      const intersection = width * height;
      // The reference computes in single precision; at a ratio that equals the threshold this decides.
      if (Math.fround(intersection / (keptBoxes[entry + 4]! + area - intersection)) > threshold) {
        suppressor = kept[place]!;
        break;
      }
    }
    if (suppressor >= 0) {
      suppressedBy[index] = suppressor;
      continue;
    }
    keptBoxes.set([minX, minY, maxX, maxY, area], kept.length * 5);
    kept.push(index);
  }
  return { kept, suppressedBy };
}
