import type { SegmentResult } from "@maskery/core";
import { expect } from "vitest";
import type { Feeds } from "./recorded-runtime.js";
import type { ReferenceAnswer, ReferencePicture } from "./reference-model.js";

/** One step of an 8-bit colour after normalising with the smallest deviation, and half of one more for sums. */
const PIXEL_TOLERANCE = 1.5 / (255 * 0.224);
/** Resamplers shift the edge of a frame; beyond these rows and columns the pictures must agree. */
const EDGE_PIXELS = 4;
/** What single precision leaves of a coordinate in the frame. */
const COORDINATE_TOLERANCE = 1e-3;
/** Rounding a side otherwise moves a point by less than one pixel of the frame. */
const ROUNDED_COORDINATE_TOLERANCE = 1;
/** Candidates that end where the logits are steep differ the most: by the border of a shrunken shape. */
const LEAST_IOU = 0.98;
const SCORE_TOLERANCE = 0.005;

/** Prompt tensors that the layouts know. */
const PROMPT_TENSORS = ["input_points", "input_labels", "input_boxes"] as const;

/** Both pictures are the same in the frame, as far as both fill it. */
export function expectSamePicture(ours: Feeds, { pixelValues, resized }: ReferencePicture): void {
  const sent = ours["pixel_values"]!;
  expect(sent.dims).toEqual(pixelValues.dims);
  const [rows, columns] = resized;
  const frame = sent.dims[3]!;
  const left = sent.data as Float32Array;
  const right = pixelValues.data as Float32Array;
  let largest = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let y = EDGE_PIXELS; y < rows - EDGE_PIXELS; y++) {
      const row = (channel * frame + y) * frame;
      for (let x = EDGE_PIXELS; x < columns - EDGE_PIXELS; x++) {
        largest = Math.max(largest, Math.abs(left[row + x]! - right[row + x]!));
      }
    }
  }
  expect(largest).toBeLessThan(PIXEL_TOLERANCE);
}

/**
 * The decoder is fed the same names, shapes and values; embeddings are compared by shape, as they hang on the picture.
 * @param sameSize - Whether both give the picture the same size in the frame.
 */
export function expectSameFeeds(ours: Feeds, theirs: Feeds, sameSize: boolean): void {
  expect(shapesOf(ours)).toEqual(shapesOf(theirs));
  const tolerance = sameSize ? COORDINATE_TOLERANCE : ROUNDED_COORDINATE_TOLERANCE;
  for (const name of PROMPT_TENSORS) {
    if (!ours[name]) continue;
    const sent = Array.from(ours[name].data, Number);
    const expected = Array.from(theirs[name]!.data, Number);
    if (name === "input_labels") {
      expect(ours[name].data).toBeInstanceOf(BigInt64Array);
      expect(sent).toEqual(expected);
      continue;
    }
    sent.forEach((value, index) => {
      expect(Math.abs(value - expected[index]!), `${name}[${index}]`).toBeLessThan(tolerance);
    });
  }
}

/** Every candidate of every object overlaps, in the same order of quality. */
export function expectSameMasks(ours: readonly SegmentResult[], { objects }: ReferenceAnswer): void {
  expect(objects.length).toBe(ours.length);
  for (const [index, { masks }] of ours.entries()) {
    const ranked = objects[index]!.masks.map((mask, candidate) => ({
      mask,
      score: objects[index]!.scores[candidate]!,
    })).sort((first, second) => second.score - first.score);
    expect(ranked.length).toBe(masks.length);
    for (const [rank, mask] of masks.entries()) {
      const expected = ranked[rank]!;
      const where = `object ${index}, candidate ${rank}`;
      expect(mask.iou(expected.mask), where).toBeGreaterThanOrEqual(LEAST_IOU);
      expect(Math.abs(mask.score! - expected.score), where).toBeLessThan(SCORE_TOLERANCE);
    }
  }
}

function shapesOf(feeds: Feeds): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(feeds).map(([name, { dims }]) => [name, dims]));
}
