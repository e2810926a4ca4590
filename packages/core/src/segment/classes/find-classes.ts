import { z } from "zod";
import type { ImageOutput } from "../../backend/platform.js";
import { type CallOptions, throwIfAborted } from "../../cancellation.js";
import type { ImageSize, RgbaImage } from "../../image/rgba-image.js";
import { Mask } from "../../mask/mask.js";
import type { BoundingBox } from "../../mask/runs.js";
import type { ClassModel } from "../../model/classes/class-model.js";
import { schemaError } from "../../schema-error.js";
import type { EverythingRun } from "../everything/everything.js";
import type { EverythingOptions } from "../everything/options.js";
import type { MaskName, RememberedResult } from "../result-cache.js";
import type { MadeAnswer } from "./remembered-answers.js";

export interface ClassesOptions extends CallOptions {
  /** Segments that the model is less sure of are left out, 0..1. Default: what suits the model. */
  readonly minConfidence?: number | undefined;
  /** Segments of fewer pixels are left out. Default 1. */
  readonly minAreaPixels?: number | undefined;
  /** Segments at most, largest first. Default: all. */
  readonly maxSegments?: number | undefined;
  /** Options of the automatic masks that stand in where there is no model with classes. */
  readonly everything?: Omit<EverythingOptions, "signal" | "onProgress"> | undefined;
  /** Told how far the work is, 0..1. What it throws is ignored where others wait for the same answer. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** One thing or area of a picture, with its name: `object` where the model knows no classes. */
export interface ClassSegment extends MaskName {
  /** At the size of the picture. */
  readonly mask: Mask;
  /** Pixels of the mask. */
  readonly area: number;
  readonly bbox: BoundingBox;
}

export interface ClassesResult {
  /** Largest first. */
  readonly segments: readonly ClassSegment[];
  /** `"classes"`: from a model that names what it finds. `"automatic"`: from the promptable model, all called `object`. */
  readonly source: "classes" | "automatic";
  /** What to know about the result, for people; present where it is not what was asked for. */
  readonly note?: string;
  /** False where `everything.finishSignal` ended the search early: then another run may find more, and nobody should remember this one. */
  readonly isComplete: boolean;
  /** Whether the answer was remembered: no model ran. `minAreaPixels` and `maxSegments` choose among what is remembered. */
  readonly cached: boolean;
  readonly image: ImageSize;
  readonly model: string;
  readonly device: string;
}

/** The note on automatic masks. */
export const NO_CLASS_MODEL =
  'No model with classes was given, so these are automatic masks, all called "object". Set the option classModel to name them.';

const checkedSchema = z.object({
  minConfidence: z.number().min(0).max(1).optional(),
  minAreaPixels: z.number().nonnegative().optional(),
  maxSegments: z.number().int().positive().optional(),
});

/** @throws MaskeryError `INVALID_INPUT` naming the option at fault. */
export function checkClassesOptions(options: ClassesOptions): void {
  const parsed = checkedSchema.safeParse(options);
  if (!parsed.success) throw schemaError(parsed.error, options, "");
}

/** Asks a model that names what it finds. */
export async function findClasses(
  model: ClassModel,
  image: RgbaImage,
  output: ImageOutput,
  options: Pick<ClassesOptions, "signal" | "minConfidence" | "onProgress">,
): Promise<MadeAnswer> {
  const found = await model.find(image, options);
  throwIfAborted(options.signal);
  const { width, height } = image;
  return {
    result: {
      masks: found.map(
        ({ runs, confidence }) => new Mask(width, height, runs, { output, score: confidence }),
      ),
      names: found.map(({ class: name, label, confidence }) => ({ class: name, label, confidence })),
    },
    isComplete: true,
  };
}

/** What stands in where there is no such model: automatic masks, all of class `object`. */
export async function findAutomaticClasses(run: EverythingRun): Promise<MadeAnswer> {
  const found = await run.toArray();
  return {
    result: {
      masks: found.map(({ mask }) => mask),
      names: found.map(({ predictedIou }) => ({
        class: "object",
        label: "Object",
        confidence: Math.min(1, Math.max(0, predictedIou)),
      })),
    },
    isComplete: run.isComplete,
  };
}

/** The segments of an answer that a caller wants, largest first. */
export function classSegments(
  { masks, names = [] }: RememberedResult,
  { minConfidence = 0, minAreaPixels = 1, maxSegments }: ClassesOptions,
): ClassSegment[] {
  return masks
    .map((mask, index): ClassSegment => ({ ...names[index]!, mask, area: mask.area, bbox: mask.bbox }))
    .filter(({ area, confidence }) => area >= Math.max(1, minAreaPixels) && confidence >= minConfidence)
    .sort((first, second) => second.area - first.area)
    .slice(0, maxSegments);
}
