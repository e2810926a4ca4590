import type { ImageSize, Mask, SegmentResult, SegmentTimings } from "@maskery/core";
import { alignColumns } from "./align-columns.js";

/** Scores are printed to this precision; more digits would be noise. */
const SCORE_DIGITS = 6;
const MILLISECOND_DIGITS = 2;

/** One mask that the command reports. */
export interface ReportedMask {
  readonly mask: Mask;
  /** Which object it is of, counted from 0. */
  readonly object: number;
}

/** What `maskery segment` found, before it is written or printed. */
export interface Segmentation {
  readonly image: ImageSize;
  readonly model: string;
  readonly device: string;
  readonly objects: number;
  /** Best score first. */
  readonly masks: readonly ReportedMask[];
  /** The best mask of each object, in the order of the objects. */
  readonly best: readonly Mask[];
  readonly timings: SegmentTimings;
}

/** @param allMasks - Report every candidate of an object instead of its best. */
export function collectSegmentation(results: readonly SegmentResult[], allMasks: boolean): Segmentation {
  const { image, model, device, timings } = results[0]!;
  const masks = results
    .flatMap((result, object) => (allMasks ? result.masks : [result.best]).map((mask) => ({ mask, object })))
    .sort((first, second) => (second.mask.score ?? 0) - (first.mask.score ?? 0));
  return {
    image,
    model,
    device,
    objects: results.length,
    masks,
    best: results.map((result) => result.best),
    timings,
  };
}

/** The object that `--json` prints. */
export function segmentationJson({ image, model, device, objects, masks, timings }: Segmentation): object {
  return {
    image: { width: image.width, height: image.height },
    model,
    device,
    masks: masks.map(({ mask, object }) => ({
      // With one object there is nothing to tell apart.
      ...(objects > 1 && { object }),
      score: roundScore(mask.score),
      area: mask.area,
      bbox: mask.bbox,
      rle: mask.toCocoRle(),
    })),
    timings: {
      decodeMs: round(timings.decodeMs, MILLISECOND_DIGITS),
      encodeMs: round(timings.encodeMs, MILLISECOND_DIGITS),
      promptMs: round(timings.promptMs, MILLISECOND_DIGITS),
      totalMs: round(timings.totalMs, MILLISECOND_DIGITS),
    },
  };
}

/** The small table that a person reads. */
export function segmentationTable({ image, model, device, objects, masks, timings }: Segmentation): string {
  const pixels = image.width * image.height;
  const rows = masks.map(({ mask, object }) => [
    ...(objects > 1 ? [String(object)] : []),
    (mask.score ?? 0).toFixed(3),
    `${mask.area} px`,
    `${((100 * mask.area) / pixels).toFixed(1)} %`,
    `${mask.bbox.x},${mask.bbox.y}  ${mask.bbox.width} × ${mask.bbox.height}`,
  ]);
  const header = [
    ...(objects > 1 ? ["object"] : []),
    "score",
    "area",
    "of image",
    "bbox (x,y  width × height)",
  ];
  const { decodeMs, encodeMs, promptMs, totalMs } = timings;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    `${image.width} × ${image.height} pixels, model ${model} on ${device}`,
    "",
    ...alignColumns([header, ...rows], [header.length - 1]),
    "",
    `decode ${ms(decodeMs)}, encode ${ms(encodeMs)}, prompt ${ms(promptMs)}, total ${ms(totalMs)}`,
  ].join("\n");
}

export function roundScore(score: number | undefined): number {
  return round(score ?? 0, SCORE_DIGITS);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
