import {
  type CallOptions,
  type Mask,
  MaskeryError,
  type Point,
  type PromptInput,
  type Segmenter,
  type SegmentResult,
  type Session,
  throwIfAborted,
} from "@maskery/core";
import type { ChosenObject } from "./choose-objects.js";
import { nextClick } from "./click-simulation.js";
import { type LabelMap, objectMask, readLabelMap } from "./label-map.js";
import type { ScoredPrediction } from "./metrics.js";
import type { DatasetImage } from "./read-dataset.js";

/** The quality up to which clicks are counted; an object that reached it needs no more of them. */
const HIGHEST_COUNTED_IOU = 0.9;

export interface EvaluateOptions extends CallOptions {
  /** Clicks after which every measure is reported. */
  readonly clicks: number;
  /** Further clicks, up to this many, go on until IoU 0.9 is reached; they only count for the number of clicks. */
  readonly clickLimit: number;
  /** Whether the best mask so far is given back to the model with the next click. */
  readonly feedback: boolean;
  /**
   * Whether the clicks are asked as an application asks them, by `session.segment` with ever longer prompts: then it is the
   * session that finds the mask to give back, by `refine`. Default false: the protocol alone decides.
   */
  readonly throughSession?: boolean;
  /**
   * Whether embeddings are those that come back from the segmenter's stores, in the precision kept there. The segmenter must
   * have a store and no memory of its own for embeddings. Default false.
   */
  readonly fromStores?: boolean;
  /** Whether the object's box alone is tried as well. */
  readonly box: boolean;
  readonly onProgress?: (done: number, total: number) => void;
}

/** What one prompt gave. */
export interface PromptOutcome {
  /** IoU of the mask that the model scores best. */
  readonly iou: number;
  /** The best IoU among all candidates. */
  readonly oracleIou: number;
  readonly boundaryF1: number;
  /** Best score first; empty where a perfect mask ended the clicking. */
  readonly candidates: readonly ScoredPrediction[];
}

export interface ObjectOutcome extends ChosenObject {
  readonly source: string;
  /** After click 1 to `clicks`. */
  readonly clicks: readonly PromptOutcome[];
  /** IoU after every click that was made, further ones included. */
  readonly ious: readonly number[];
  readonly box: PromptOutcome | undefined;
  readonly timings: { readonly encodeMs: number; readonly promptMs: readonly number[] };
}

export interface SkippedObject extends ChosenObject {
  readonly reason: string;
}

export interface Evaluation {
  readonly objects: readonly ObjectOutcome[];
  readonly skipped: readonly SkippedObject[];
}

/**
 * Clicks on objects as a patient user would, and measures the masks. Every picture is encoded once, all its objects in turn.
 * @throws MaskeryError what a segmenter throws, with the picture's name; `INVALID_INPUT` for a value not in its label map.
 */
export async function evaluate(
  segmenter: Segmenter,
  images: readonly DatasetImage[],
  objects: readonly ChosenObject[],
  options: EvaluateOptions,
): Promise<Evaluation> {
  const outcomes: ObjectOutcome[] = [];
  const skipped: SkippedObject[] = [];
  const objectsByImage = new Map<string, ChosenObject[]>();
  for (const object of objects) {
    const known = objectsByImage.get(object.image);
    if (known) known.push(object);
    else objectsByImage.set(object.image, [object]);
  }
  for (const image of images) {
    const own = objectsByImage.get(image.name);
    if (!own) continue;
    try {
      if (options.fromStores) await segmenter.prewarm([image.path], { signal: options.signal });
      const session = await segmenter.open(image.path, options);
      const labelMaps = new Map<number, LabelMap>();
      for (const object of own) {
        throwIfAborted(options.signal);
        options.onProgress?.(outcomes.length + skipped.length, objects.length);
        const labelMap = labelMaps.get(object.map) ?? (await readLabelMap(labelMapPath(image, object.map)));
        labelMaps.set(object.map, labelMap);
        const { width, height } = session.image;
        if (labelMap.width === width && labelMap.height === height) {
          outcomes.push(
            await evaluateObject(session, image, object, objectMask(labelMap, object.value), options),
          );
        } else {
          const reason = `picture ${width} × ${height}, label map ${labelMap.width} × ${labelMap.height}`;
          skipped.push({ ...object, reason });
        }
      }
      await session.dispose();
    } catch (error) {
      throw MaskeryError.is(error) && error.code !== "ABORTED"
        ? new MaskeryError(error.code, `${image.name}: ${error.message}`, {
            cause: error,
            field: error.field,
          })
        : error;
    }
  }
  return { objects: outcomes, skipped };
}

async function evaluateObject(
  session: Session,
  image: DatasetImage,
  object: ChosenObject,
  truth: Mask,
  options: EvaluateOptions,
): Promise<ObjectOutcome> {
  if (truth.isEmpty) {
    throw new MaskeryError(
      "INVALID_INPUT",
      `expected a value of label map ${object.map}, received ${object.value}`,
    );
  }
  const points: Point[] = [];
  const outcomes: PromptOutcome[] = [];
  const ious: number[] = [];
  const promptMs: number[] = [];
  let encodeMs = 0;
  let previous: Mask | undefined;
  while (
    ious.length < options.clicks ||
    (ious.length < options.clickLimit && Math.max(...ious) < HIGHEST_COUNTED_IOU)
  ) {
    const click = nextClick(truth, previous);
    if (!click) break;
    points.push(click);
    const result = options.throughSession
      ? await session.segment(points, { refine: options.feedback, signal: options.signal })
      : await ask(session, { points, mask: options.feedback ? previous : undefined }, options);
    if (points.length === 1) encodeMs = result.timings.encodeMs;
    promptMs.push(result.timings.promptMs);
    previous = result.best;
    ious.push(result.best.iou(truth));
    if (outcomes.length < options.clicks) outcomes.push(measure(result, truth));
  }
  // A perfect mask leaves nothing to click on: further clicks would change nothing.
  while (outcomes.length < options.clicks) {
    outcomes.push({ iou: 1, oracleIou: 1, boundaryF1: 1, candidates: [] });
    ious.push(1);
  }
  const box = options.box ? measure(await ask(session, { box: truth.bbox }, options), truth) : undefined;
  return { ...object, source: image.source, clicks: outcomes, ious, box, timings: { encodeMs, promptMs } };
}

/** Asks without the session's memory of earlier prompts: only the protocol decides what the model is given. */
async function ask(session: Session, prompt: PromptInput, { signal }: CallOptions): Promise<SegmentResult> {
  const [result] = await session.segmentMany([prompt], { signal });
  return result!;
}

function measure({ best, masks }: SegmentResult, truth: Mask): PromptOutcome {
  const candidates = masks.map((mask) => ({ predicted: mask.score ?? 0, actual: mask.iou(truth) }));
  return {
    iou: candidates[0]!.actual,
    oracleIou: Math.max(...candidates.map(({ actual }) => actual)),
    boundaryF1: best.boundaryF1(truth),
    candidates,
  };
}

function labelMapPath(image: DatasetImage, map: number): string {
  return image.labelMaps.find(({ number }) => number === map)!.path;
}
