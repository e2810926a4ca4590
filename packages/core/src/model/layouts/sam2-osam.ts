import type { NamedTensors } from "../../backend/tensor.js";
import { MaskeryError } from "../../errors.js";
import { imageSizeOf } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import { decodeEach } from "../decode-in-groups.js";
import { readDecodedObjects } from "../decoded-objects.js";
import { type Layout, requireTensors } from "../layout.js";
import { promptFeeds } from "../prompt-feeds.js";

const EMBEDDING_TENSORS = ["image_embeddings", "high_res_features1", "high_res_features2"] as const;
const PROMPT_TENSORS = [
  "point_coords",
  "point_labels",
  "mask_input",
  "has_mask_input",
  "orig_im_size",
] as const;
/** Where the decoder's outputs stand; their names vary. */
const SCORES_POSITION = 1;
const LOW_RESOLUTION_POSITION = 2;

/**
 * SAM2 as published for wkentaro/osam (osam/_models/sam2): encoder `input` → `image_embeddings`, `high_res_features1`,
 * `high_res_features2`; decoder takes those, `point_coords [1,N,2]` in the stretched frame, `point_labels [1,N]` (1, 0, 2/3 = box
 * corners, -1 = padding), `mask_input [1,1,M,M]`, `has_mask_input [1]` and `orig_im_size [2]` (int64, height and width), and
 * gives, by position, logits at the picture's size, scores `[1,C]` and low-resolution logits `[1,C,m,m]` over the frame. Masks are
 * made from the last, which cost the least to move and to keep. Half pixels and the padding point are added inside the graph.
 */
export const sam2Osam: Layout = {
  name: "sam2-osam",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: false },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["input"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...PROMPT_TENSORS], "decoder inputs");
    if (decoder.outputs.length <= LOW_RESOLUTION_POSITION) {
      const names = decoder.outputs.map(({ name }) => name).join(", ");
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `decoder outputs: expected masks, scores and low-resolution masks, received ${names}`,
      );
    }
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { input: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["input"] });
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    return decodeEach(prompts, async (prompt) => {
      const { height, width } = imageSizeOf(fit);
      const feeds: NamedTensors = {
        ...embedding,
        ...promptFeeds([prompt], fit, spec).feeds,
        orig_im_size: { type: "int64", data: BigInt64Array.of(BigInt(height), BigInt(width)), dims: [2] },
      };
      const names = {
        scores: graph.outputs[SCORES_POSITION]!.name,
        masks: graph.outputs[LOW_RESOLUTION_POSITION]!.name,
      };
      const outputs = await graph.run(feeds, {
        signal,
        outputs: Object.values(names),
        transfer: PROMPT_TENSORS,
      });
      return readDecodedObjects(outputs, names, 1, fit)[0]!;
    });
  },
};
