import type { ImageOutput } from "../../backend/platform.js";
import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import { invalidInput, MaskeryError } from "../../errors.js";
import type { GrayImage, ImageSize, RgbaImage } from "../../image/rgba-image.js";
import { Mask } from "../../mask/mask.js";
import type { ForegroundModel } from "../../model/foreground/foreground-model.js";
import type { MadeAnswer } from "./remembered-answers.js";

export interface ForegroundOptions extends CallOptions {
  /** Alpha from which a pixel belongs to the hard mask, 1..255. Default 128. */
  readonly threshold?: number | undefined;
  /** Told how far the work is, 0..1. What it throws is ignored where others wait for the same answer. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface ForegroundResult {
  /** The subject: hard pixels, and `mask.alpha` with the soft edge, which cut-outs and PNG files use. */
  readonly mask: Mask;
  /** How much of each pixel belongs to the subject, 0..255. The same as `mask.alpha`; do not write to it, it is remembered. */
  readonly alpha: GrayImage;
  /** Whether the answer was remembered: no model ran. */
  readonly cached: boolean;
  readonly image: ImageSize;
  readonly model: string;
  readonly device: string;
}

/** Alpha from which a pixel belongs to the hard mask. */
export const DEFAULT_THRESHOLD = 128;

/** @throws MaskeryError `INVALID_INPUT`. */
export function checkForegroundOptions({ threshold = DEFAULT_THRESHOLD }: ForegroundOptions): void {
  if (!(Number.isFinite(threshold) && threshold >= 1 && threshold <= 255))
    throw invalidInput("threshold", "an alpha value, 1 to 255", threshold);
}

/** The error where no such model was given: nothing else can tell a subject. */
export function noForegroundModel(): MaskeryError {
  return new MaskeryError(
    "MODEL_NOT_FOUND",
    'foreground: no model for it was given. Set the option foregroundModel, for example createSegmenter({ foregroundModel: "u2netp" }).',
    { field: "foregroundModel" },
  );
}

/** Asks a model that tells the subject from the background. */
export async function findForeground(
  model: ForegroundModel,
  image: RgbaImage,
  output: ImageOutput,
  { signal, threshold = DEFAULT_THRESHOLD, onProgress }: ForegroundOptions,
): Promise<MadeAnswer> {
  const alpha = await model.find(image, { signal, onProgress });
  throwIfAborted(signal);
  return { result: { masks: [Mask.fromAlpha(alpha, { threshold, output })] }, isComplete: true };
}
