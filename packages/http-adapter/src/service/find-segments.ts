import type { CallOptions, Mask, Session } from "@maskery/core";

/** One object or region of a picture. */
export interface FoundSegment {
  /** Machine-readable class name; `object` where the model knows no classes. */
  readonly className: string;
  /** The same for people. */
  readonly label: string;
  /** 0..1. */
  readonly confidence: number;
  readonly mask: Mask;
}

export interface FoundSegments {
  /** Largest first. */
  readonly segments: readonly FoundSegment[];
  /** False where `finishSignal` ended the search early. */
  readonly isComplete: boolean;
}

export interface FindSegmentsOptions extends CallOptions {
  /** Told how far the work is, 0..1. */
  readonly onProgress?: (fraction: number) => void;
  /** When it fires, automatic masks end with those found until then. */
  readonly finishSignal?: AbortSignal;
  /** Points along each side of the grid of clicks, where the segmenter has no model with classes. Default 16: a quarter of the masks' usual 32 × 32 clicks. */
  readonly pointsPerSide?: number;
  /** Segments at most, largest first. Default 40. */
  readonly maxSegments?: number;
}

const DEFAULT_POINTS_PER_SIDE = 16;
const DEFAULT_MAX_SEGMENTS = 40;

/** Finds what is in a picture, largest first; with names where the segmenter has a model for them. */
export async function findSegments(
  session: Session,
  options: FindSegmentsOptions = {},
): Promise<FoundSegments> {
  const { segments, source, isComplete } = await session.classes({
    maxSegments: options.maxSegments ?? DEFAULT_MAX_SEGMENTS,
    everything: {
      pointsPerSide: options.pointsPerSide ?? DEFAULT_POINTS_PER_SIDE,
      finishSignal: options.finishSignal,
    },
    signal: options.signal,
    onProgress: options.onProgress,
  });
  return {
    segments: segments.map((segment, index) => ({
      className: segment.class,
      // Masks without a name are told apart by their number.
      label: source === "automatic" ? `Object ${index + 1}` : segment.label,
      confidence: segment.confidence,
      mask: segment.mask,
    })),
    isComplete,
  };
}
