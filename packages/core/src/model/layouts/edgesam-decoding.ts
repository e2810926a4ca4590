import type { Graph } from "../../backend/runtime.js";
import type { NamedTensors } from "../../backend/tensor.js";
import type { FrameFit } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import { type DecodedOutputNames, readDecodedObjects } from "../decoded-objects.js";
import type { DecodedObject } from "../layout.js";
import { pointFeeds } from "../prompt-feeds.js";

/** All that the decoders of EdgeSAM and EfficientViT-SAM take besides the embedding. */
export const POINT_TENSORS = ["point_coords", "point_labels"] as const;

/**
 * Runs a decoder that knows points and labels alone, boxes as the labels 2 and 3, and to which the published runners append no
 * padding point. All four candidates are given; the best score wins, as in the single-mask exports of this form.
 * @param prompts - Of equally many entries: there is no label that would fill up shorter ones without an effect.
 */
export async function decodePoints(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  names: DecodedOutputNames,
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  const feeds: NamedTensors = { ...embedding, ...pointFeeds(prompts, fit).feeds };
  const outputs = await graph.run(feeds, {
    signal,
    outputs: [names.masks, names.scores],
    transfer: POINT_TENSORS,
  });
  return readDecodedObjects(outputs, names, prompts.length, fit);
}
