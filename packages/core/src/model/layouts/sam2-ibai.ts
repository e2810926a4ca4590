import type { Tensor } from "../../backend/tensor.js";
import { MaskeryError } from "../../errors.js";
import { imageSizeOf } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import { decodeEach } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type Layout, requireTensors } from "../layout.js";
import { promptFeeds } from "../prompt-feeds.js";

/** In the decoder's order, which is not the encoder's. */
const EMBEDDING_TENSORS = ["image_embed", "high_res_feats_0", "high_res_feats_1"] as const;
const DECODER_INPUTS = 8;

/**
 * SAM2 as exported for ibaiGorordo/ONNX-SAM2-Segment-Anything (sam2/sam2.py): the encoder of the samexporter layout; a decoder
 * that takes, by position, `image_embed`, `high_res_feats_0`, `high_res_feats_1`, points `[L,N,2]` in the stretched frame, labels
 * `[L,N]` (1, 0, 2/3 = box corners, -1 = padding), an earlier mask `[L,1,M,M]`, whether there is one `[1]`, and the picture's
 * height and width (int32 `[2]`), and gives, by position, logits at the picture's size `[L,C,H,W]` and scores `[L,C]`. Half pixels
 * and the padding point are added inside the graph.
 *
 * One object a run: planes of the picture's size would make several too large.
 */
export const sam2Ibai: Layout = {
  name: "sam2-ibai",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: false },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["image"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    const { inputs, outputs } = decoder;
    const size = inputs.at(-1);
    if (inputs.length !== DECODER_INPUTS || size?.type !== "int32" || size.dims.length !== 1) {
      const received = inputs
        .map(({ name, type, dims }) => `${name} (${type}, ${dims.length} axes)`)
        .join(", ");
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `decoder inputs: expected ${DECODER_INPUTS}, the last of them int32 with one axis, received ${received}`,
      );
    }
    if (outputs.length < 2) {
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `decoder outputs: expected masks and scores, received ${outputs.map(({ name }) => name).join(", ")}`,
      );
    }
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { image: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["image"] });
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    return decodeEach(prompts, async (prompt) => {
      const { point_coords, point_labels, mask_input, has_mask_input } = promptFeeds(
        [prompt],
        fit,
        spec,
      ).feeds;
      const { height, width } = imageSizeOf(fit);
      const tensors: readonly (Tensor | undefined)[] = [
        ...EMBEDDING_TENSORS.map((name) => embedding[name]),
        point_coords,
        point_labels,
        mask_input,
        has_mask_input,
        { type: "int32", data: Int32Array.of(height, width), dims: [2] },
      ];
      const names = graph.inputs.map(({ name }) => name);
      const feeds = Object.fromEntries(names.map((name, position) => [name, tensors[position]!]));
      const [masks, scores] = graph.outputs.map(({ name }) => name) as [string, string];
      const outputs = await graph.run(feeds, {
        signal,
        outputs: [masks, scores],
        transfer: names.slice(EMBEDDING_TENSORS.length),
      });
      // The frame is the stretched picture, so planes over the picture are planes over the frame.
      return readDecodedObjects(outputs, { masks, scores }, 1, fit)[0]!;
    });
  },
};
