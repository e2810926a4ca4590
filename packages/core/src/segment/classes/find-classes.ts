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

export interface ClassesOptions extends CallOptions {
  /** Segments that the model is less sure of are left out, 0..1. Default: what suits the model. */
  readonly minConfidence?: number | undefined;
  /** Segments of fewer pixels are left out. Default 1. */
  readonly minAreaPixels?: number | undefined;
  /** Segments at most, largest first. Default: all. */
  readonly maxSegments?: number | undefined;
  /** Options of the automatic masks that stand in where there is no model with classes. */
  readonly everything?: Omit<EverythingOptions, "signal" | "onProgress"> | undefined;
  /** Told how far the work is, 0..1. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

/** One thing or area of a picture, with its name. */
export interface ClassSegment {
  /** The data set's own name, such as `diningtable`; `object` where the model knows no classes. */
  readonly class: string;
  /** The same for people. */
  readonly label: string;
  /** 0..1: how sure the model is. */
  readonly confidence: number;
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
  readonly image: ImageSize;
  readonly model: string;
  readonly device: string;
}

const NO_CLASS_MODEL =
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
  options: ClassesOptions,
): Promise<ClassesResult> {
  const { signal, minConfidence, onProgress } = options;
  const found = await model.find(image, { signal, minConfidence, onProgress });
  throwIfAborted(signal);
  const segments = found.map(({ runs, ...known }) =>
    segmentOf(new Mask(image.width, image.height, runs, { output, score: known.confidence }), known),
  );
  return {
    segments: chosen(segments, options),
    source: "classes",
    image: { width: image.width, height: image.height },
    model: model.model,
    device: model.device,
  };
}

/** What stands in where there is no such model: automatic masks, all of class `object`. */
export async function automaticClasses(
  run: EverythingRun,
  about: Pick<ClassesResult, "image" | "model" | "device">,
  options: ClassesOptions,
): Promise<ClassesResult> {
  const least = options.minConfidence ?? 0;
  const segments = (await run.toArray())
    .map(({ mask, predictedIou }) =>
      segmentOf(mask, {
        class: "object",
        label: "Object",
        confidence: Math.min(1, Math.max(0, predictedIou)),
      }),
    )
    .filter(({ confidence }) => confidence >= least);
  return { segments: chosen(segments, options), source: "automatic", note: NO_CLASS_MODEL, ...about };
}

function segmentOf(mask: Mask, known: Pick<ClassSegment, "class" | "label" | "confidence">): ClassSegment {
  return {
    class: known.class,
    label: known.label,
    confidence: known.confidence,
    mask,
    area: mask.area,
    bbox: mask.bbox,
  };
}

function chosen(
  segments: readonly ClassSegment[],
  { minAreaPixels = 1, maxSegments }: ClassesOptions,
): ClassSegment[] {
  return segments
    .filter(({ area }) => area >= Math.max(1, minAreaPixels))
    .sort((first, second) => second.area - first.area)
    .slice(0, maxSegments);
}
