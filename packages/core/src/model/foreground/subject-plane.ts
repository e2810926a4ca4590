import type { ForegroundModelSpec } from "./foreground-model-spec.js";

/** How far values may leave 0..1 and still be shares: rounding in the graph. Source: transformers.js, image-segmentation.js. */
const SHARE_TOLERANCE = 1e-5;

/**
 * Brings a model's values to shares 0..1: a sigmoid where they are logits, then each picture's own range stretched to 0..1 where
 * the model wants it (danielgatis/rembg: sessions/u2net.py). A plane of one value cannot be stretched and stays.
 */
export function subjectShares(
  values: Float32Array,
  { values: kind = "auto", stretch = "none" }: Pick<ForegroundModelSpec, "values" | "stretch">,
): Float32Array {
  const { lowest, highest } = rangeOf(values);
  const isLogits =
    kind === "logits" || (kind === "auto" && (lowest < -SHARE_TOLERANCE || highest > 1 + SHARE_TOLERANCE));
  const shares = values.map((value) =>
    isLogits ? 1 / (1 + Math.exp(-value)) : Math.min(1, Math.max(0, value)),
  );
  if (stretch === "none") return shares;
  const range = rangeOf(shares);
  const span = range.highest - range.lowest;
  return span > 0 ? shares.map((share) => (share - range.lowest) / span) : shares;
}

function rangeOf(values: Float32Array): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index++) {
    lowest = Math.min(lowest, values[index]!);
    highest = Math.max(highest, values[index]!);
  }
  return { lowest, highest };
}
