import { imageToTensor } from "../../image/image-tensor.js";
import { decodeEach } from "../decode-in-groups.js";
import { type Layout, requireTensors } from "../layout.js";
import { decodePoints, POINT_TENSORS } from "./edgesam-decoding.js";

const EMBEDDING_TENSORS = ["image_embeddings"] as const;
const DECODED = { masks: "masks", scores: "scores" } as const;

/**
 * EdgeSAM as its authors export it (chongzhou96/EdgeSAM: scripts/export_onnx_model.py, edge_sam/onnx/predictor_onnx.py): encoder
 * `image` `[1,3,1024,1024]` prepared as for SAM; decoder takes the embedding, `point_coords [1,N,2]` in the padded frame and
 * `point_labels [1,N]` (1, 0, 2/3 = box corners), without a padding point and without an earlier mask, and gives `scores [1,4]`
 * (stability) and low-resolution `masks [1,4,256,256]`.
 */
export const edgeSam: Layout = {
  name: "edgesam",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: false, batchObjects: false },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["image"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...POINT_TENSORS], "decoder inputs");
    requireTensors(decoder.outputs, Object.values(DECODED), "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { image: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["image"] });
  },

  decode(graph, embedding, fit, prompts, _spec, { signal }) {
    return decodeEach(prompts, async (prompt) => {
      const [object] = await decodePoints(graph, embedding, fit, [prompt], DECODED, signal);
      return object!;
    });
  },
};
