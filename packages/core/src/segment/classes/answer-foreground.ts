import type { ForegroundModel } from "../../model/foreground/foreground-model.js";
import type { AnswerParts } from "./answer-parts.js";
import {
  checkForegroundOptions,
  DEFAULT_THRESHOLD,
  type ForegroundOptions,
  type ForegroundResult,
  findForeground,
  noForegroundModel,
} from "./find-foreground.js";
import type { LazyModel } from "./lazy-model.js";

export interface ForegroundParts extends AnswerParts {
  readonly foregroundModel?: LazyModel<ForegroundModel> | undefined;
}

/**
 * Tells the subject of a picture from its background, from memory where the same was asked before.
 * @throws MaskeryError `MODEL_NOT_FOUND` without a model for it, `INVALID_INPUT`, what loading and running the model throw.
 */
export async function answerForeground(
  { image, platform, answers, answerKey, pixels, foregroundModel }: ForegroundParts,
  options: ForegroundOptions,
): Promise<ForegroundResult> {
  checkForegroundOptions(options);
  if (!foregroundModel) throw noForegroundModel();
  const model = await foregroundModel.get(options);
  const { threshold = DEFAULT_THRESHOLD } = options;
  const key =
    model.modelFingerprint === undefined
      ? undefined
      : answerKey(`foreground ${threshold}`, model.modelFingerprint);
  const { result, cached } = await answers.answer(key, options, async ({ signal, onProgress }) =>
    findForeground(model, await pixels({ signal }), platform, { signal, threshold, onProgress }),
  );
  const mask = result.masks[0]!;
  return { mask, alpha: mask.alpha!, cached, image, model: model.model, device: model.device };
}
