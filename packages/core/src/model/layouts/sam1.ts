import { imageToTensor } from "../../image/image-tensor.js";
import type { Layout } from "../layout.js";
import { checkSam1, decodeSam1, SAM1_EMBEDDING, sam1Abilities } from "./sam1-decoding.js";

/** Batch, channels, height, width. */
const PICTURE_AXES = 4;

/**
 * SAM with Meta's decoder export and a raw encoder, as samexporter, visheratin/web-ai and osam publish it: one input (named
 * `input_image` or `x`) `[1,3,1024,1024]` of the picture resized by its longest side, normalised and then padded with zeros; one
 * output, the embedding `[1,256,64,64]`.
 */
export const sam1: Layout = {
  name: "sam1",
  abilities: sam1Abilities,

  check(encoder, decoder) {
    checkSam1(encoder, decoder, PICTURE_AXES);
  },

  async encode(graph, image, fit, spec, options) {
    const input = graph.inputs[0]!.name;
    const output = graph.outputs[0]!.name;
    const feeds = { [input]: await imageToTensor(image, fit, spec.image, options) };
    const outputs = await graph.run(feeds, { ...options, outputs: [output], transfer: [input] });
    return { [SAM1_EMBEDDING]: outputs[output]! };
  },

  decode(graph, embedding, fit, prompts, spec, { signal }) {
    return decodeSam1(graph, embedding, fit, prompts, spec, signal);
  },
};
