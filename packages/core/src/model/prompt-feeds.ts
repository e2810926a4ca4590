import { float32Tensor, type Tensor } from "../backend/tensor.js";
import type { FrameFit } from "../image/frame-fit.js";
import type { Prompt } from "../prompt/prompt.js";
import { maskFeeds } from "./mask-feeds.js";
import type { ModelSpec } from "./model-spec.js";
import { NOT_A_POINT_LABEL, promptEntries } from "./prompt-entries.js";

/** Feeds, and how many entries each object has in them. */
export interface EntryFeeds<Name extends string> {
  readonly entries: number;
  readonly feeds: Readonly<Record<Name, Tensor>>;
}

/**
 * `point_coords [objects, entries, 2]` in the model's frame and `point_labels [objects, entries]`, both float32: 1 and 0 for points, 2
 * and 3 for the corners of a box, -1 where an object has fewer entries than others.
 * @param atLeast - Entries that every object has, if only padding. Default 1.
 */
export function pointFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
  atLeast?: number,
): EntryFeeds<"point_coords" | "point_labels"> {
  const { entries, coordinates, labels } = promptEntries(prompts, fit, {
    padding: NOT_A_POINT_LABEL,
    boxesAsCorners: true,
    ...(atLeast !== undefined && { atLeast }),
  });
  return {
    entries,
    feeds: {
      point_coords: float32Tensor(coordinates, [prompts.length, entries, 2]),
      point_labels: float32Tensor(Float32Array.from(labels), [prompts.length, entries]),
    },
  };
}

/**
 * The same with `mask_input [objects, 1, side, side]` and `has_mask_input [1]`, as the exports of SAM and SAM2 take prompts.
 * @param prompts - All with an earlier mask, or all without.
 */
export function promptFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
  spec: ModelSpec,
  atLeast?: number,
): EntryFeeds<"point_coords" | "point_labels" | "mask_input" | "has_mask_input"> {
  const { entries, feeds } = pointFeeds(prompts, fit, atLeast);
  const withMask = prompts[0]?.mask !== undefined;
  return { entries, feeds: { ...feeds, ...maskFeeds(prompts, fit, withMask, spec) } };
}
