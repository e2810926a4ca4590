export function mean(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How well predicted scores tell the truth. */
export interface Calibration {
  /** Predictions that were compared. */
  readonly predictions: number;
  /** Pearson's correlation of predicted and true IoU; null where one of them never varies. */
  readonly correlation: number | null;
  /** Mean of |predicted - true|. */
  readonly meanAbsoluteError: number;
  /** Mean of predicted - true: above 0 means overconfident. */
  readonly bias: number;
}

/** One mask's predicted and true IoU. */
export interface ScoredPrediction {
  readonly predicted: number;
  readonly actual: number;
}

export function calibrationOf(predictions: readonly ScoredPrediction[]): Calibration {
  const meanPredicted = mean(predictions.map(({ predicted }) => predicted));
  const meanActual = mean(predictions.map(({ actual }) => actual));
  let product = 0;
  let squaredPredicted = 0;
  let squaredActual = 0;
  for (const { predicted, actual } of predictions) {
    product += (predicted - meanPredicted) * (actual - meanActual);
    squaredPredicted += (predicted - meanPredicted) ** 2;
    squaredActual += (actual - meanActual) ** 2;
  }
  const spread = Math.sqrt(squaredPredicted * squaredActual);
  return {
    predictions: predictions.length,
    correlation: spread > 0 ? product / spread : null,
    meanAbsoluteError: mean(predictions.map(({ predicted, actual }) => Math.abs(predicted - actual))),
    bias: meanPredicted - meanActual,
  };
}

/** Clicks needed to reach a quality. */
export interface NumberOfClicks {
  /** Mean of the first click that reaches it; objects that never do count as the limit. */
  readonly clicks: number;
  /** Objects that never reach it. */
  readonly failures: number;
}

/** @param iousByObject - For every object its IoU after click 1, 2, …; it may end once the quality was reached. */
export function numberOfClicks(
  iousByObject: readonly (readonly number[])[],
  quality: number,
  limit: number,
): NumberOfClicks {
  let failures = 0;
  const clicks = iousByObject.map((ious) => {
    const index = ious.findIndex((iou) => iou >= quality);
    if (index >= 0 && index < limit) return index + 1;
    failures++;
    return limit;
  });
  return { clicks: mean(clicks), failures };
}
