import type { Graph } from "../../backend/runtime.js";
import type { NamedTensors } from "../../backend/tensor.js";
import type { FrameFit } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import type { Prompt } from "../../prompt/prompt.js";
import { decodeInGroups } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type DecodedObject, type Layout, requireTensors } from "../layout.js";
import type { ModelSpec } from "../model-spec.js";
import { promptFeeds } from "../prompt-feeds.js";

const EMBEDDING_TENSORS = ["image_embed", "high_res_feats_0", "high_res_feats_1"] as const;
const PROMPT_TENSORS = ["point_coords", "point_labels", "mask_input", "has_mask_input"] as const;

/**
 * SAM2 as exported by vietanhdev/samexporter (samexporter/export_sam2.py): encoder `image` → `high_res_feats_0`,
 * `high_res_feats_1`, `image_embed`; decoder takes those, `point_coords [L,N,2]` in the model's frame, `point_labels [L,N]`
 * (1, 0, 2/3 = box corners, -1 = padding), `mask_input [L,1,M,M]` and `has_mask_input [1]`, and gives `masks [L,3,m,m]`
 * logits over the whole frame with `iou_predictions [L,3]`. Half pixels are added inside the graph.
 */
export const sam2Samexporter: Layout = {
  name: "sam2-samexporter",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: true },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["image"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...PROMPT_TENSORS], "decoder inputs");
    requireTensors(decoder.outputs, ["masks", "iou_predictions"], "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { image: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["image"] });
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    // `has_mask_input` is one value for the whole run, so objects with and without an earlier mask go apart.
    return decodeInGroups(
      prompts,
      (prompt) => prompt.mask !== undefined,
      (group) => decodeGroup(graph, embedding, fit, group, spec, signal),
    );
  },
};

async function decodeGroup(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  spec: ModelSpec,
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  const feeds = { ...embedding, ...promptFeeds(prompts, fit, spec).feeds };
  const outputs = await graph.run(feeds, {
    signal,
    outputs: ["masks", "iou_predictions"],
    transfer: PROMPT_TENSORS,
  });
  return readDecodedObjects(outputs, { masks: "masks", scores: "iou_predictions" }, prompts.length, fit);
}
