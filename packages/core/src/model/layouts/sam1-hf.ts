import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors, type Tensor } from "../../backend/tensor.js";
import type { FrameFit } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import type { Prompt } from "../../prompt/prompt.js";
import { decodeInGroups } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type DecodedObject, type Layout, requireTensors } from "../layout.js";
import { boxCorners, promptEntries } from "../prompt-entries.js";

const EMBEDDING_TENSORS = ["image_embeddings", "image_positional_embeddings"] as const;
const DECODED = { masks: "pred_masks", scores: "iou_scores" } as const;

/** The graph gives such an entry no embedding, so it fills up shorter prompts. */
const IGNORED_LABEL = -10;

/**
 * SAM as exported by Hugging Face optimum (SamOnnxConfig, SAMModelPatcher): encoder `pixel_values` → `image_embeddings`,
 * `image_positional_embeddings` (equal for every picture); decoder takes both, `input_points [1,P,N,2]` in the long-side frame
 * and `input_labels [1,P,N]` (int64: 1, 0, -1 = no point, -10 = ignored), and gives `pred_masks [1,P,3,m,m]` logits over the
 * padded frame with `iou_scores [1,P,3]`. Half pixels and the padding point are added inside the graph.
 *
 * What an export takes shows in its inputs: without `input_labels` (before January 2024) every point is on the object; with
 * `input_boxes [1,P,4]` and no points it takes boxes only, and with both every object needs a box beside its points. No export
 * takes an earlier mask.
 */
export const sam1HuggingFace: Layout = {
  name: "sam1-hf",
  abilities: { points: true, negativePoints: true, boxes: false, maskInput: false, batchObjects: true },

  abilitiesOf(decoder) {
    const points = declares(decoder, "input_points");
    const boxes = declares(decoder, "input_boxes");
    return {
      points,
      negativePoints: points && declares(decoder, "input_labels"),
      boxes,
      maskInput: false,
      batchObjects: true,
      needsBox: boxes,
    };
  },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["pixel_values"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, EMBEDDING_TENSORS, "decoder inputs");
    if (!declares(decoder, "input_boxes")) requireTensors(decoder.inputs, ["input_points"], "decoder inputs");
    requireTensors(decoder.outputs, Object.values(DECODED), "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { pixel_values: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["pixel_values"] });
  },

  decode(graph, embedding, fit, prompts, _spec, { signal }) {
    // Without labels nothing can mark an entry as filling, so only prompts of equal length share a run.
    const ragged = declares(graph, "input_labels");
    return decodeInGroups(
      prompts,
      (prompt) => (ragged ? 0 : prompt.points.length),
      (group) => decodeGroup(graph, embedding, fit, group, signal),
    );
  },
};

async function decodeGroup(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  const feeds = promptFeeds(graph, prompts, fit);
  const outputs = await graph.run(
    { ...embedding, ...feeds },
    { signal, outputs: Object.values(DECODED), transfer: Object.keys(feeds) },
  );
  return readDecodedObjects(outputs, DECODED, prompts.length, fit);
}

/** Only what the graph declares: an unknown feed is an error to the runtime. */
function promptFeeds(
  graph: Graph,
  prompts: readonly Prompt[],
  fit: FrameFit,
): Readonly<Record<string, Tensor>> {
  const objects = prompts.length;
  const feeds: Record<string, Tensor> = {};
  if (declares(graph, "input_points")) {
    const { entries, coordinates, labels } = promptEntries(prompts, fit, { padding: IGNORED_LABEL });
    feeds["input_points"] = float32Tensor(coordinates, [1, objects, entries, 2]);
    if (declares(graph, "input_labels")) {
      feeds["input_labels"] = {
        type: "int64",
        data: BigInt64Array.from(labels, BigInt),
        dims: [1, objects, entries],
      };
    }
  }
  if (declares(graph, "input_boxes")) {
    feeds["input_boxes"] = float32Tensor(boxCorners(prompts, fit), [1, objects, 4]);
  }
  return feeds;
}

function declares(graph: Pick<Graph, "inputs">, name: string): boolean {
  return graph.inputs.some((input) => input.name === name);
}
