import type { CallOptions, FoundMask, Mask, Session } from "@maskery/core";

/** Clicks along each side: the main object is not missed by 64 of them. */
const POINTS_PER_SIDE = 8;
/** A mask of more than this share of the picture is its background, not its object. */
const MAX_SHARE = 0.9;

/** The one object of a picture, where nobody says which: sure, stable, and near the middle. */
export async function findMainMask(
  session: Session,
  options: CallOptions = {},
): Promise<{ readonly mask: Mask; readonly confidence: number }> {
  const { width, height } = session.image;
  const found = await session
    .everything({ pointsPerSide: POINTS_PER_SIDE, signal: options.signal })
    .toArray();
  const [best] = found
    .filter(({ mask }) => !mask.isEmpty && mask.area <= MAX_SHARE * width * height)
    .sort((first, second) => rank(second, session) - rank(first, session));
  if (best) return { mask: best.mask, confidence: clamp(best.predictedIou) };
  // Nothing stands out: the best guess for the middle of the picture.
  const inset = { x: Math.floor(width / 8), y: Math.floor(height / 8) };
  const [result] = await session.segmentMany(
    [{ box: { x0: inset.x, y0: inset.y, x1: width - 1 - inset.x, y1: height - 1 - inset.y } }],
    { signal: options.signal },
  );
  return { mask: result!.best, confidence: clamp(result!.best.score ?? 0) };
}

/** Predicted IoU times stability, less the further the mask's middle lies from the picture's. */
function rank({ mask, predictedIou, stabilityScore }: FoundMask, { image }: Session): number {
  const { x, y } = mask.centroid!;
  const distance = Math.hypot(x / image.width - 0.5, y / image.height - 0.5) / Math.SQRT1_2;
  return predictedIou * stabilityScore * (1 - distance / 2);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
