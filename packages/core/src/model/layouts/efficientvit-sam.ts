import { fitToFrame, imageSizeOf } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import { decodeInGroups } from "../decode-in-groups.js";
import { type Layout, requireTensors } from "../layout.js";
import { decodePoints, POINT_TENSORS } from "./edgesam-decoding.js";

const EMBEDDING_TENSORS = ["image_embeddings"] as const;
const DECODED = { masks: "masks", scores: "iou_predictions" } as const;

/** Prompts and masks lie in this frame for every size of encoder, unless the spec says otherwise. */
const PROMPT_FRAME = 1024;

/**
 * EfficientViT-SAM as its authors export it (mit-han-lab/efficientvit: applications/efficientvit_sam/deployment/onnx): encoder
 * `input_image` `[B,3,S,S]`, S = 512 or 1024, prepared as for SAM in a frame of S; decoder takes the embedding, `point_coords
 * [B,N,2]` in a frame of 1024 whatever S is, and `point_labels [B,N]` (1, 0, 2/3 = box corners), without a padding point and
 * without an earlier mask, and gives low-resolution `masks [B,4,256,256]` and `iou_predictions [B,4]`, or one of each.
 */
export const efficientVitSam: Layout = {
  name: "efficientvit-sam",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: false, batchObjects: true },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["input_image"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...POINT_TENSORS], "decoder inputs");
    requireTensors(decoder.outputs, Object.values(DECODED), "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { input_image: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["input_image"] });
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    const { promptSize = PROMPT_FRAME, resize } = spec.image;
    const promptFit = fitToFrame(imageSizeOf(fit), promptSize, resize);
    return decodeInGroups(
      prompts,
      (prompt) => prompt.points.length + (prompt.box ? 2 : 0),
      (group) => decodePoints(graph, embedding, promptFit, group, DECODED, signal),
    );
  },
};
