import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors } from "../../backend/tensor.js";
import { MaskeryError } from "../../errors.js";
import { type FrameFit, imageSizeOf } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import { decodeEach } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type DecodedObject, type PromptAbilities, requireTensors } from "../layout.js";
import type { ModelSpec } from "../model-spec.js";
import { promptFeeds } from "../prompt-feeds.js";

/** Name under which the encoder's only output is kept: the decoder's name for it. */
export const SAM1_EMBEDDING = "image_embeddings";

const PROMPT_TENSORS = [
  "point_coords",
  "point_labels",
  "mask_input",
  "has_mask_input",
  "orig_im_size",
] as const;

/** Masks at the picture's size; see {@link decodeSam1} for why they are never looked at. */
const FULL_SIZE_MASKS = "masks";
const SCORES = "iou_predictions";

/** Candidates of the export that leaves the choice to the host; the first is for prompts of several entries. */
const MULTI_MASK_CANDIDATES = 4;
/** With at most so many entries, padding counted, a prompt may mean a part or the whole: the other three candidates answer it. */
const AMBIGUOUS_ENTRIES = 2;

/** What Meta's decoder export takes; its batch is fixed at one object. */
export const sam1Abilities: PromptAbilities = {
  points: true,
  negativePoints: true,
  boxes: true,
  maskInput: true,
  batchObjects: false,
};

/** @throws MaskeryError `MODEL_CORRUPT` when the graphs are no such encoder and decoder. */
export function checkSam1(
  encoder: Pick<Graph, "inputs" | "outputs">,
  decoder: Pick<Graph, "inputs" | "outputs">,
  pictureAxes: number,
): void {
  const [picture, ...others] = encoder.inputs;
  if (picture?.dims.length !== pictureAxes || others.length > 0 || encoder.outputs.length !== 1) {
    const received = encoder.inputs.map(({ name, dims }) => `${name} (${dims.length} axes)`).join(", ");
    throw new MaskeryError(
      "MODEL_CORRUPT",
      `encoder: expected one input of ${pictureAxes} axes and one output, ` +
        `received ${received} and ${encoder.outputs.map(({ name }) => name).join(", ")}`,
    );
  }
  requireTensors(decoder.inputs, [SAM1_EMBEDDING, ...PROMPT_TENSORS], "decoder inputs");
  if (decoder.inputs.length !== PROMPT_TENSORS.length + 1) {
    throw new MaskeryError(
      "MODEL_CORRUPT",
      `decoder inputs: expected no others than ${SAM1_EMBEDDING}, ${PROMPT_TENSORS.join(", ")}, ` +
        `received ${decoder.inputs.map(({ name }) => name).join(", ")}`,
    );
  }
  requireTensors(decoder.outputs, [FULL_SIZE_MASKS, SCORES, "low_res_masks"], "decoder outputs");
}

/**
 * Runs the decoder of facebookresearch/segment-anything (scripts/export_onnx_model.py, segment_anything/utils/onnx.py), one
 * object after another: `point_coords [1,N,2]` in the padded frame, `point_labels [1,N]` (1, 0, 2/3 = box corners, -1 = padding,
 * of which a prompt without a box needs one and a prompt with a box none), `mask_input [1,1,M,M]`, `has_mask_input [1]` (0 or
 * 1) and `orig_im_size [2]` (float32, height and width).
 *
 * Masks are rebuilt from the low-resolution logits. The output at the picture's size is right for pictures of 3:2 only in most
 * published files: exports before 6 April 2023 froze the crop of the picture that they were traced with. The low-resolution
 * output is found by its axes, because exports with extra metrics give its name to their stability scores.
 */
export function decodeSam1(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  spec: ModelSpec,
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  return decodeEach(prompts, async (prompt) => {
    const atLeast = prompt.box ? 0 : prompt.points.length + 1;
    const { entries, feeds: promptTensors } = promptFeeds([prompt], fit, spec, atLeast);
    const { height, width } = imageSizeOf(fit);
    const feeds: NamedTensors = {
      ...embedding,
      ...promptTensors,
      orig_im_size: float32Tensor(Float32Array.of(height, width), [2]),
    };
    const outputs = await graph.run(feeds, {
      signal,
      outputs: graph.outputs.map(({ name }) => name).filter((name) => name !== FULL_SIZE_MASKS),
      transfer: PROMPT_TENSORS,
    });
    const masks = Object.keys(outputs).find((name) => outputs[name]!.dims.length === 4) ?? "low_res_masks";
    const [object] = readDecodedObjects(outputs, { masks, scores: SCORES }, 1, fit);
    return chooseCandidates(object!, entries);
  });
}

/**
 * The choice that the single-mask export makes inside the graph (`select_masks`), made here for the four-mask export. An export
 * of one mask has chosen already.
 */
function chooseCandidates({ planes, scores }: DecodedObject, entries: number): DecodedObject {
  if (planes.length !== MULTI_MASK_CANDIDATES) return { planes, scores };
  return entries <= AMBIGUOUS_ENTRIES
    ? { planes: planes.slice(1), scores: scores.slice(1) }
    : { planes: planes.slice(0, 1), scores: scores.slice(0, 1) };
}
