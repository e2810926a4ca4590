import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors, type Tensor } from "../../backend/tensor.js";
import { MaskeryError } from "../../errors.js";
import type { FrameFit } from "../../image/frame-fit.js";
import { imageToTensor } from "../../image/image-tensor.js";
import type { LogitsPlane } from "../../mask/logits-plane.js";
import { logitsForMaskInput } from "../../mask/mask-input.js";
import type { Prompt } from "../../prompt/prompt.js";
import { type DecodedObject, type Layout, requireTensors } from "../layout.js";
import type { ModelSpec } from "../model-spec.js";

const EMBEDDING_TENSORS = ["image_embed", "high_res_feats_0", "high_res_feats_1"] as const;
const PROMPT_TENSORS = ["point_coords", "point_labels", "mask_input", "has_mask_input"] as const;

const BOX_TOP_LEFT = 2;
const BOX_BOTTOM_RIGHT = 3;
const PADDING = -1;

/**
 * SAM2 as exported by vietanhdev/samexporter (samexporter/export_sam2.py): encoder `image` → `high_res_feats_0`,
 * `high_res_feats_1`, `image_embed`; decoder takes those, `point_coords [L,N,2]` in the model's frame, `point_labels [L,N]`
 * (1, 0, 2/3 = box corners, -1 = padding), `mask_input [L,1,M,M]` and `has_mask_input [1]`, and gives `masks [L,3,m,m]`
 * logits over the whole frame with `iou_predictions [L,3]`. Half pixels are added inside the graph.
 */
export const sam2Samexporter: Layout = {
  name: "sam2-samexporter",
  abilities: { points: true, negativePoints: true, boxes: true, maskInput: true, batchObjects: true },

  check(encoder, decoder) {
    requireTensors(encoder.inputs, ["image"], "encoder inputs");
    requireTensors(encoder.outputs, EMBEDDING_TENSORS, "encoder outputs");
    requireTensors(decoder.inputs, [...EMBEDDING_TENSORS, ...PROMPT_TENSORS], "decoder inputs");
    requireTensors(decoder.outputs, ["masks", "iou_predictions"], "decoder outputs");
  },

  async encode(graph, image, fit, spec, options) {
    const feeds = { image: await imageToTensor(image, fit, spec.image, options) };
    return graph.run(feeds, { ...options, outputs: EMBEDDING_TENSORS, transfer: ["image"] });
  },

  async decode(graph, embedding, fit, prompts, spec, options) {
    // `has_mask_input` is one value for the whole run, so objects with and without an earlier mask go apart.
    const decoded = new Array<DecodedObject>(prompts.length);
    for (const withMask of [false, true]) {
      const indices = prompts.flatMap((prompt, index) =>
        (prompt.mask !== undefined) === withMask ? [index] : [],
      );
      if (indices.length === 0) continue;
      const group = indices.map((index) => prompts[index]!);
      const objects = await decodeGroup(graph, embedding, fit, group, withMask, spec, options.signal);
      indices.forEach((index, position) => {
        decoded[index] = objects[position]!;
      });
    }
    return decoded;
  },
};

async function decodeGroup(
  graph: Graph,
  embedding: NamedTensors,
  fit: FrameFit,
  prompts: readonly Prompt[],
  withMask: boolean,
  spec: ModelSpec,
  signal: AbortSignal | undefined,
): Promise<DecodedObject[]> {
  const feeds = {
    ...embedding,
    ...pointFeeds(prompts, fit),
    ...maskFeeds(prompts, fit, withMask, spec.maskInputSize),
  };
  const outputs = await graph.run(feeds, {
    signal,
    outputs: ["masks", "iou_predictions"],
    transfer: PROMPT_TENSORS,
  });
  return readOutputs(outputs, prompts.length, fit);
}

/** Ragged prompts are filled up with padding points, which the graph ignores. */
function pointFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
): Record<"point_coords" | "point_labels", Tensor> {
  const entries = Math.max(1, ...prompts.map((prompt) => prompt.points.length + (prompt.box ? 2 : 0)));
  const coordinates = new Float32Array(prompts.length * entries * 2);
  const labels = new Float32Array(prompts.length * entries).fill(PADDING);
  prompts.forEach((prompt, object) => {
    let entry = object * entries;
    const add = (x: number, y: number, label: number) => {
      coordinates[entry * 2] = x * fit.scaleX;
      coordinates[entry * 2 + 1] = y * fit.scaleY;
      labels[entry++] = label;
    };
    if (prompt.box) {
      add(prompt.box.x0, prompt.box.y0, BOX_TOP_LEFT);
      add(prompt.box.x1, prompt.box.y1, BOX_BOTTOM_RIGHT);
    }
    for (const point of prompt.points) add(point.x, point.y, point.label);
  });
  return {
    point_coords: float32Tensor(coordinates, [prompts.length, entries, 2]),
    point_labels: float32Tensor(labels, [prompts.length, entries]),
  };
}

function maskFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
  withMask: boolean,
  side: number,
): Record<"mask_input" | "has_mask_input", Tensor> {
  const planes = new Float32Array(prompts.length * side * side);
  if (withMask) {
    prompts.forEach((prompt, object) => {
      planes.set(logitsForMaskInput(prompt.mask!, fit, side), object * side * side);
    });
  }
  return {
    mask_input: float32Tensor(planes, [prompts.length, 1, side, side]),
    has_mask_input: float32Tensor(Float32Array.of(withMask ? 1 : 0), [1]),
  };
}

function readOutputs(outputs: NamedTensors, objects: number, fit: FrameFit): DecodedObject[] {
  const masks = outputs["masks"];
  const scores = outputs["iou_predictions"];
  if (
    masks?.type !== "float32" ||
    scores?.type !== "float32" ||
    masks.dims.length !== 4 ||
    masks.dims[0] !== objects
  ) {
    throw new MaskeryError(
      "INFERENCE_FAILED",
      `masks: expected float32 [${objects}, candidates, height, width], received ${masks?.type} [${masks?.dims}]`,
    );
  }
  const [, candidates, height, width] = masks.dims as [number, number, number, number];
  const planeLength = height * width;
  return Array.from({ length: objects }, (_, object) => ({
    planes: Array.from({ length: candidates }, (_, candidate): LogitsPlane => {
      const start = (object * candidates + candidate) * planeLength;
      return {
        // A copy: a kept mask must not hold on to the whole batch.
        data: masks.data.slice(start, start + planeLength),
        width,
        height,
        scaleX: (fit.scaleX * width) / fit.size,
        scaleY: (fit.scaleY * height) / fit.size,
      };
    }),
    scores: Array.from(scores.data.subarray(object * candidates, (object + 1) * candidates)),
  }));
}
