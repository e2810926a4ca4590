import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AutoModelForMaskGeneration,
  AutoProcessor,
  env,
  LogLevel,
  type PreTrainedModel,
  type Processor,
  RawImage,
  type Tensor,
} from "@huggingface/transformers";
import { Mask, type RgbaImage } from "@maskery/core";
import type { LayoutModel } from "../../packages/core/src/testing/layout-graphs/layout-model.js";
import type { Feeds } from "./recorded-runtime.js";

env.allowRemoteModels = false;
// It warns that it leaves out what a graph does not take, which some of these graphs are there for.
env.logLevel = LogLevel.ERROR;

/** Prompts as transformers.js takes them, in image pixels: `[objects][points][x, y]`, `[objects][points]`, `[1][boxes][4]`. */
export interface ReferencePrompts {
  readonly input_points?: number[][][];
  readonly input_labels?: number[][];
  readonly input_boxes?: number[][][];
}

export interface ReferencePicture {
  /** `[1, 3, frame, frame]`. */
  readonly pixelValues: Tensor;
  /** Height and width of the picture in the frame. */
  readonly resized: readonly [number, number];
}

export interface ReferenceAnswer {
  /** What its model gave the decoder. */
  readonly decoderFeeds: Feeds;
  /** Candidates of each object, with their predicted quality. */
  readonly objects: readonly { readonly masks: readonly Mask[]; readonly scores: readonly number[] }[];
}

/** transformers.js with a pair of small graphs, from a folder as the hub has them. */
export interface ReferenceModel {
  /** Brings a picture to the frame, without running the model. */
  preprocess(image: RgbaImage): Promise<ReferencePicture>;
  segment(image: RgbaImage, prompts: ReferencePrompts): Promise<ReferenceAnswer>;
  dispose(): Promise<void>;
}

export async function referenceModel(
  { encoder, decoder }: LayoutModel,
  config: object,
  preprocessorConfig: object,
): Promise<ReferenceModel> {
  const folder = await mkdtemp(join(tmpdir(), "maskery-cross-check-"));
  await mkdir(join(folder, "onnx"));
  await Promise.all([
    writeFile(join(folder, "config.json"), JSON.stringify(config)),
    writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessorConfig)),
    writeFile(join(folder, "onnx", "vision_encoder.onnx"), encoder),
    writeFile(join(folder, "onnx", "prompt_encoder_mask_decoder.onnx"), decoder),
  ]);
  const model = await AutoModelForMaskGeneration.from_pretrained(folder, { dtype: "fp32", device: "cpu" });
  const processor = await AutoProcessor.from_pretrained(folder, {});
  return {
    async preprocess(image) {
      const { pixel_values, reshaped_input_sizes } = await processor(rawImage(image));
      return { pixelValues: pixel_values, resized: reshaped_input_sizes[0] };
    },
    segment: (image, prompts) => segment(model, processor, image, prompts),
    async dispose() {
      await model.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Known to the processors of the SAM family, but not to the type that `AutoProcessor` gives. */
interface MaskPostProcessor {
  post_process_masks(
    masks: Tensor,
    originalSizes: readonly [number, number][],
    resizedSizes: readonly [number, number][],
  ): Promise<[Tensor]>;
}

async function segment(
  model: PreTrainedModel,
  processor: Processor,
  image: RgbaImage,
  prompts: ReferencePrompts,
): Promise<ReferenceAnswer> {
  const inputs = await processor(rawImage(image), prompts);
  const fed: Record<string, Feeds[string]> = {};
  const session = model.sessions["prompt_encoder_mask_decoder"];
  const run = session.run;
  session.run = (feeds: Readonly<Record<string, Tensor>>) => {
    for (const [name, tensor] of Object.entries(feeds)) fed[name] = copyTensor(tensor);
    return run.call(session, feeds);
  };
  const outputs = await model(inputs).finally(() => {
    session.run = run;
  });
  const [masks] = await (processor as Processor & MaskPostProcessor).post_process_masks(
    outputs.pred_masks,
    inputs.original_sizes,
    inputs.reshaped_input_sizes,
  );
  return { decoderFeeds: fed, objects: readObjects(masks, outputs.iou_scores) };
}

function rawImage({ data, width, height }: RgbaImage): RawImage {
  return new RawImage(new Uint8ClampedArray(data), width, height, 4);
}

function copyTensor({ dims, data }: Tensor): Feeds[string] {
  return { dims: [...dims], data: (data as Float32Array).slice() };
}

/** @param masks - Bool `[objects, candidates, height, width]`. */
function readObjects(masks: Tensor, scores: Tensor): ReferenceAnswer["objects"] {
  const [objects, candidates, height, width] = masks.dims as [number, number, number, number];
  const bitmaps = masks.data as Uint8Array;
  const length = height * width;
  return Array.from({ length: objects }, (_, object) => ({
    masks: Array.from({ length: candidates }, (_, candidate) => {
      const start = (object * candidates + candidate) * length;
      return Mask.fromBitmap(bitmaps.slice(start, start + length), width, height);
    }),
    scores: Array.from(
      (scores.data as Float32Array).subarray(object * candidates, (object + 1) * candidates),
    ),
  }));
}
