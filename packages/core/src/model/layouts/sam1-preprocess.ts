import { float32Tensor } from "../../backend/tensor.js";
import { resizeRgb } from "../../image/antialiased-resize.js";
import type { Layout } from "../layout.js";
import { checkSam1, decodeSam1, SAM1_EMBEDDING, sam1Abilities } from "./sam1-decoding.js";

/** Height, width, channels. */
const PICTURE_AXES = 3;

/**
 * SAM with Meta's decoder export and an encoder that prepares the picture itself: samexporter with `--use-preprocess`
 * (samexporter/onnx_utils.py), and with it the MobileSAM files of Acly, vietanhdev and akbartus. Its input `[height,width,3]` is
 * RGB in 0..255, the longest side resized to 1024, neither normalised nor padded.
 */
export const sam1Preprocess: Layout = {
  name: "sam1-preprocess",
  abilities: sam1Abilities,

  check(encoder, decoder) {
    checkSam1(encoder, decoder, PICTURE_AXES);
  },

  async encode(graph, image, { resizedWidth, resizedHeight }, _spec, options) {
    const input = graph.inputs[0]!.name;
    const output = graph.outputs[0]!.name;
    const rgb = await resizeRgb(image, resizedWidth, resizedHeight, options);
    const feeds = { [input]: float32Tensor(new Float32Array(rgb), [resizedHeight, resizedWidth, 3]) };
    const outputs = await graph.run(feeds, { ...options, outputs: [output], transfer: [input] });
    return { [SAM1_EMBEDDING]: outputs[output]! };
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    return decodeSam1(graph, embedding, fit, prompts, spec, signal);
  },
};
