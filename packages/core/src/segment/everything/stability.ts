/**
 * Share of the pixels above `threshold - offset` that are also above `threshold + offset`: the IoU of the masks cut a little
 * tighter and a little wider. NaN when both are empty. Rounded to single precision, in which the reference computes it.
 * Source: facebookresearch/segment-anything, utils/amg.py (calculate_stability_score).
 * @param tightArea - Pixels above `threshold + offset`.
 * @param wideArea - Pixels above `threshold - offset`.
 */
export function stabilityScore(tightArea: number, wideArea: number): number {
  return Math.fround(tightArea / wideArea);
}

/** Whether a mask exceeds the wanted predicted IoU. 0 or less lets all pass. */
export function passesPredictedIou(predictedIou: number, threshold: number): boolean {
  // PyTorch rounds the threshold to the scores' precision: a score of exactly 0.8 in float32 does not exceed 0.8.
  return threshold <= 0 || predictedIou > Math.fround(threshold);
}

/** Whether a mask reaches the wanted stability. 0 or less lets all pass; NaN (no pixel at all) passes nothing else. */
export function passesStability(score: number, threshold: number): boolean {
  return threshold <= 0 || score >= Math.fround(threshold);
}
