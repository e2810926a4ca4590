import { float32Tensor, type Graph, type NamedTensors, type Runtime, type Tensor } from "@maskery/core";
import { type LayoutModel, layoutSegmenter, measurePicture, type PictureCase } from "@maskery/core/testing";
import { createNodePlatform } from "../../src/platform.js";

/** Changes tensors between a layout and the real graph, as a host would send or read them that breaks a rule. */
export type Change = (tensors: NamedTensors) => NamedTensors;

export interface Tampering {
  /** Changes the feeds of the encoder. */
  readonly picture?: Change;
  /** Changes the feeds of the decoder. */
  readonly prompt?: Change;
  /** Changes what the decoder gives. */
  readonly answer?: Change;
}

export interface AskedPictures {
  readonly pictures: readonly PictureCase[];
  /** Whether all prompts of a picture go into one call. */
  readonly together?: boolean;
}

/** The overlap of the worst answer of a host that breaks a rule. */
export async function worstIou(
  runtime: Runtime,
  model: LayoutModel,
  { pictures, together = false }: AskedPictures,
  tampering: Tampering = {},
): Promise<number> {
  const tampered: Runtime = {
    ...runtime,
    load: async (files, options) => tamper(await runtime.load(files, options), tampering),
  };
  const segmenter = await layoutSegmenter(model, tampered, createNodePlatform());
  const answers = [];
  for (const picture of pictures) answers.push(...(await measurePicture(segmenter, picture, { together })));
  await segmenter.dispose();
  return Math.min(...answers.map(({ iou }) => iou));
}

function tamper(graph: Graph, { picture, prompt, answer }: Tampering): Graph {
  const isDecoder = graph.inputs.length > 1;
  const changeFeeds = (isDecoder ? prompt : picture) ?? ((feeds) => feeds);
  const changeOutputs = (isDecoder && answer) || ((outputs: NamedTensors) => outputs);
  return {
    ...graph,
    run: async (feeds, options) => changeOutputs(await graph.run(changeFeeds(feeds), options)),
  };
}

/** Replaces one tensor. */
export function change(name: string, edit: (tensor: Tensor) => Tensor): Change {
  return (tensors) => ({ ...tensors, [name]: edit(tensors[name]!) });
}

/** Changes each value of a float32 tensor. */
export const mapFloats = (name: string, edit: (value: number, index: number) => number): Change =>
  change(name, ({ data, dims }) => float32Tensor(Float32Array.from(data as Float32Array, edit), dims));

/** Changes each value of an int64 tensor. */
export const mapIntegers = (name: string, edit: (value: number) => number): Change =>
  change(name, ({ data, dims }) => ({
    type: "int64",
    dims,
    data: BigInt64Array.from(data as BigInt64Array, (value) => BigInt(edit(Number(value)))),
  }));

/** Takes y for x. */
export const swapAxes = (name: string): Change =>
  change(name, ({ data, dims }) =>
    float32Tensor(
      Float32Array.from(data as Float32Array, (_, index) => Number(data[index ^ 1])),
      dims,
    ),
  );

/** Takes the third channel of a `[1, 3, …]` picture for the first. */
export const swapRedAndBlue = (name: string): Change =>
  change(name, ({ data, dims }) => {
    const length = data.length / 3;
    const from = (index: number) =>
      ((2 - Math.floor(index / length)) * length + (index % length)) % data.length;
    return float32Tensor(
      Float32Array.from(data as Float32Array, (_, index) => Number(data[from(index)])),
      dims,
    );
  });
