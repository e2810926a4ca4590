import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors, type Tensor } from "../../backend/tensor.js";
import type { FrameFit } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import type { Prompt } from "../../prompt/prompt.js";
import { decodeInGroups } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type DecodedObject, type Layout, requireTensors } from "../layout.js";
import { boxCorners, promptEntries } from "../prompt-entries.js";

const EMBEDDING_TENSORS = ["image_embeddings.0", "image_embeddings.1", "image_embeddings.2"] as const;
const PROMPT_TENSORS = ["input_points", "input_labels", "input_boxes"] as const;
const DECODED = { masks: "pred_masks", scores: "iou_scores" } as const;
const PRESENCE = "object_score_logits";

/** The graph gives such an entry no embedding, so it fills up shorter prompts. */
const IGNORED_LABEL = -10;

/**
 * SAM2 as exported for transformers.js (src/models/sam2/modeling_sam2.js), and with it EdgeTAM and the tracker of SAM3, which
 * differ in frame, constants and plane size only: encoder `pixel_values` → `image_embeddings.0/.1/.2`; decoder takes those and
 * always all of `input_points [1,P,N,2]` and `input_boxes [1,K,4]` in the stretched frame and `input_labels [1,P,N]` (int64: 1,
 * 0, -1 = no point, -10 = ignored), and gives `pred_masks [1,P or K,3,m,m]` logits over the frame, `iou_scores [1,P or K,3]`
 * and `object_score_logits [1,P or K,1]`. An input without content has length zero. Half pixels and padding points are added
 * inside the graph.
 *
 * One run takes many objects by points, or many by boxes, or one by points and box together. There is no input for an earlier
 * mask. Where the graph finds no object at the prompt (`object_score_logits` at or below 0), the scores are multiplied by the
 * probability that one is there, which is at most a half; the planes stay, as in the original image predictor.
 */
export const sam2HuggingFace: Layout = {
  name: "sam2-hf",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: false, batchObjects: true },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["pixel_values"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...PROMPT_TENSORS, ...EMBEDDING_TENSORS], "decoder inputs");
    requireTensors(decoder.outputs, [...Object.values(DECODED), PRESENCE], "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { pixel_values: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["pixel_values"] });
  },

  decode(graph, embedding, fit, prompts, _spec, { signal }) {
    return decodeInGroups(prompts, runOf, (group) => decodeGroup(graph, embedding, fit, group, signal));
  },
};

/** Which prompts may share a run; those with both points and a box get one each. */
function runOf(prompt: Prompt, index: number): unknown {
  if (!prompt.box) return "points";
  return prompt.points.length === 0 ? "boxes" : index;
}

async function decodeGroup(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  const outputs = await graph.run(
    { ...embedding, ...promptFeeds(prompts, fit) },
    { signal, outputs: [...Object.values(DECODED), PRESENCE], transfer: PROMPT_TENSORS },
  );
  const presence = outputs[PRESENCE];
  return readDecodedObjects(outputs, DECODED, prompts.length, fit).map(({ planes, scores }, object) => {
    const logit = presence?.type === "float32" ? (presence.data[object] ?? 1) : 1;
    return { planes, scores: logit > 0 ? scores : scores.map((score) => score * probability(logit)) };
  });
}

function promptFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
): Record<(typeof PROMPT_TENSORS)[number], Tensor> {
  const byBox = prompts.every((prompt) => prompt.box !== undefined);
  const boxes = byBox ? boxCorners(prompts, fit) : new Float32Array(0);
  const { entries, coordinates, labels } = promptEntries(prompts, fit, {
    padding: IGNORED_LABEL,
    atLeast: 0,
  });
  // Boxes alone go with one prompt without points, but with as many rows of labels as there are boxes.
  const prompted = entries === 0 ? 1 : prompts.length;
  return {
    input_points: float32Tensor(coordinates, [1, prompted, entries, 2]),
    input_labels: {
      type: "int64",
      data: BigInt64Array.from(labels, BigInt),
      dims: [1, prompts.length, entries],
    },
    input_boxes: float32Tensor(boxes, [1, byBox ? prompts.length : 0, 4]),
  };
}

function probability(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
