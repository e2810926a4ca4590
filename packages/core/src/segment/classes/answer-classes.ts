import type { ClassModel } from "../../model/classes/class-model.js";
import type { EverythingRun } from "../everything/everything.js";
import type { EverythingOptions } from "../everything/options.js";
import type { AnswerParts } from "./answer-parts.js";
import {
  type ClassesOptions,
  type ClassesResult,
  checkClassesOptions,
  classSegments,
  findAutomaticClasses,
  findClasses,
  NO_CLASS_MODEL,
} from "./find-classes.js";
import type { LazyModel } from "./lazy-model.js";

export interface ClassesParts extends AnswerParts {
  readonly classModel?: LazyModel<ClassModel> | undefined;
  /** Of the promptable model. */
  readonly model: string;
  readonly device: string;
  readonly everything: (options: EverythingOptions) => EverythingRun;
  /** One text for options that mean the same. @throws MaskeryError `INVALID_INPUT`. */
  readonly everythingKey: (options: EverythingOptions) => string;
}

/**
 * Names what is in a picture, from memory where the same was asked before.
 * @throws MaskeryError `INVALID_INPUT` naming the option at fault, what loading and running the model throw.
 */
export async function answerClasses(parts: ClassesParts, options: ClassesOptions): Promise<ClassesResult> {
  checkClassesOptions(options);
  const { classModel } = parts;
  return classModel ? fromModel(await classModel.get(options), parts, options) : automatic(parts, options);
}

async function fromModel(
  model: ClassModel,
  { image, platform, answers, answerKey, pixels }: ClassesParts,
  options: ClassesOptions,
): Promise<ClassesResult> {
  const { minConfidence } = options;
  const key =
    model.modelFingerprint === undefined
      ? undefined
      : answerKey(`classes ${minConfidence ?? ""}`, model.modelFingerprint);
  const made = await answers.answer(key, options, async ({ signal, onProgress }) =>
    findClasses(model, await pixels({ signal }), platform, { signal, minConfidence, onProgress }),
  );
  const { result, ...about } = made;
  return {
    // The model has looked at the confidence itself.
    segments: classSegments(result, { ...options, minConfidence: undefined }),
    source: "classes",
    ...about,
    image,
    model: model.model,
    device: model.device,
  };
}

async function automatic(parts: ClassesParts, options: ClassesOptions): Promise<ClassesResult> {
  const { answers, answerKey, everything, everythingKey, image, model, device } = parts;
  const { finishSignal } = options.everything ?? {};
  const key = answerKey(`automatic classes ${everythingKey(options.everything ?? {})}`);
  const { result, ...about } = await answers.answer(
    key,
    options,
    ({ signal, onProgress }) =>
      findAutomaticClasses(
        everything({
          ...options.everything,
          signal,
          onProgress: ({ fraction }) => onProgress(fraction),
        }),
      ),
    // A caller who may end the run early must not end it for others.
    { alone: finishSignal !== undefined },
  );
  return {
    segments: classSegments(result, options),
    source: "automatic",
    note: NO_CLASS_MODEL,
    ...about,
    image,
    model,
    device,
  };
}
