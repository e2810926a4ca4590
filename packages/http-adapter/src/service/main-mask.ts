import type { CallOptions, FoundMask, Mask, Session } from "@maskery/core";

/** Clicks along each side: the main object is not missed by 64 of them. */
const POINTS_PER_SIDE = 8;
/** A mask of more than this share of the picture is its background, not its object. */
const MAX_SHARE = 0.9;

/** Places along each side of the picture that are looked at. */
const BORDER_SAMPLES = 64;

/** The one object of a picture, where nobody says which: sure, stable, near the middle, and whole. */
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

/** Predicted IoU times stability, less the further the mask's middle lies from the picture's, and the more the border cuts off. */
function rank({ mask, predictedIou, stabilityScore }: FoundMask, { image }: Session): number {
  const { x, y } = mask.centroid!;
  const distance = Math.hypot(x / image.width - 0.5, y / image.height - 0.5) / Math.SQRT1_2;
  return predictedIou * stabilityScore * (1 - distance / 2) * (1 - shareOfBorder(mask));
}

/** 0..1: how much of the picture's border lies inside the mask. What reaches far along it is background. */
function shareOfBorder(mask: Mask): number {
  const [right, bottom] = [mask.width - 1, mask.height - 1];
  let inside = 0;
  for (let sample = 0; sample < BORDER_SAMPLES; sample++) {
    const along = (sample + 0.5) / BORDER_SAMPLES;
    const [x, y] = [Math.round(along * right), Math.round(along * bottom)];
    for (const [column, row] of [
      [x, 0],
      [x, bottom],
      [0, y],
      [right, y],
    ] as const)
      if (mask.contains(column, row)) inside++;
  }
  return inside / (4 * BORDER_SAMPLES);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
