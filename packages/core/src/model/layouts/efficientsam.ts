import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors } from "../../backend/tensor.js";
import { MaskeryError } from "../../errors.js";
import { type FrameFit, fitToFrame, imageSizeOf } from "../../image/frame-fit.js";
import { planesOfPicture } from "../../image/image-planes.js";
import type { Prompt } from "../../prompt/prompt.js";
import { decodeEach } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type DecodedObject, type Layout, requireTensors } from "../layout.js";
import { NOT_A_POINT_LABEL, promptEntries } from "../prompt-entries.js";

const EMBEDDING_TENSORS = ["image_embeddings"] as const;
const PROMPT_TENSORS = ["batched_point_coords", "batched_point_labels", "orig_im_size"] as const;

/** Where the decoder's outputs stand; their names vary, and the third has none of its own. */
const FULL_SIZE_POSITION = 0;
const SCORES_POSITION = 1;
const LOW_RESOLUTION_POSITION = 2;

/** The graph cuts what comes after these without a word. */
const MOST_ENTRIES = 6;

/**
 * EfficientSAM as its authors export it (yformer/EfficientSAM: export_to_onnx.py, onnx_models.py): encoder `batched_images`
 * `[1,3,H,W]`, RGB in 0..1 at the picture's own size, stretched and normalised inside; decoder takes the embedding,
 * `batched_point_coords [1,1,N,2]` in the picture's own pixels, `batched_point_labels [1,1,N]` (1, 2/3 = box corners) and
 * `orig_im_size [2]` (int64, height and width), and gives, by position, logits at the picture's size `[1,1,3,H,W]`, unsorted scores
 * `[1,1,3]` and, in most files, low-resolution logits `[1,3,256,256]` over the stretched frame, which masks are made from.
 *
 * Points that are not on the object have no learned vector, so they are refused. A prompt holds at most six entries, where a box
 * counts two.
 */
export const efficientSam: Layout = {
  name: "efficientsam",
  abilities: { points: true, negativePoints: false, boxes: true, maskInput: false, batchObjects: false },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["batched_images"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...PROMPT_TENSORS], "decoder inputs");
    if (decoder.outputs.length <= SCORES_POSITION) {
      const names = decoder.outputs.map(({ name }) => name).join(", ");
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `decoder outputs: expected masks and scores, received ${names}`,
      );
    }
  },

  async encode(graph, image, _fit, _spec, options) {
    const feeds = { batched_images: await planesOfPicture(image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["batched_images"] });
  },

  async decode(graph, embedding, fit, prompts, spec, { signal }) {
    // The graph stretches, so its planes lie over the stretched picture.
    const stretched = fitToFrame(imageSizeOf(fit), spec.image.size, "stretch");
    return decodeEach(prompts, (prompt) => {
      checkEntries(prompt);
      return decodeOne(graph, embedding, stretched, prompt, signal);
    });
  },
};

function checkEntries({ points, box }: Prompt): void {
  const entries = points.length + (box ? 2 : 0);
  if (entries <= MOST_ENTRIES) return;
  throw new MaskeryError(
    "UNSUPPORTED_PROMPT",
    `points: expected at most ${box ? `${MOST_ENTRIES - 2} beside a box` : MOST_ENTRIES} ` +
      `for this model (layout ${efficientSam.name}), received ${points.length}`,
    { field: "points" },
  );
}

async function decodeOne(
  graph: Graph,
  embedding: NamedTensors,
  stretched: FrameFit,
  prompt: Prompt,
  signal: AbortSignal | undefined,
): Promise<DecodedObject> {
  const { height, width } = imageSizeOf(stretched);
  const { entries, coordinates, labels } = promptEntries(
    [prompt],
    // The picture's own pixels.
    { ...stretched, scaleX: 1, scaleY: 1 },
    { padding: NOT_A_POINT_LABEL, boxesAsCorners: true },
  );
  const feeds: NamedTensors = {
    ...embedding,
    batched_point_coords: float32Tensor(coordinates, [1, 1, entries, 2]),
    batched_point_labels: float32Tensor(Float32Array.from(labels), [1, 1, entries]),
    orig_im_size: { type: "int64", data: BigInt64Array.of(BigInt(height), BigInt(width)), dims: [2] },
  };
  const names = {
    masks: (graph.outputs[LOW_RESOLUTION_POSITION] ?? graph.outputs[FULL_SIZE_POSITION])!.name,
    scores: graph.outputs[SCORES_POSITION]!.name,
  };
  const outputs = await graph.run(feeds, {
    signal,
    outputs: [names.masks, names.scores],
    transfer: PROMPT_TENSORS,
  });
  return readDecodedObjects(outputs, names, 1, stretched)[0]!;
}
