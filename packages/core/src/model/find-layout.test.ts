import { describe, expect, it } from "vitest";
import type { Graph } from "../backend/runtime.js";
import type { TensorInfo } from "../backend/tensor.js";
import { detectLayout, findLayout } from "./find-layout.js";
import { layoutNames } from "./model-spec.js";

type Tensors = Pick<Graph, "inputs" | "outputs">;

/** Names with their number of axes, and the type where it is not float32: `"size:1:int32"`. */
function graph(inputs: string, outputs: string): Tensors {
  const infos = (list: string): TensorInfo[] =>
    list.split(" ").map((entry) => {
      const [name, axes = "4", type = "float32"] = entry.split(":");
      return {
        name: name!,
        type: type as TensorInfo["type"],
        dims: new Array<null>(Number(axes)).fill(null),
      };
    });
  return { inputs: infos(inputs), outputs: infos(outputs) };
}

const sam1Prompts = "point_coords:3 point_labels:2 mask_input has_mask_input:1 orig_im_size:1";
const sam1Decoder = graph(`image_embeddings ${sam1Prompts}`, "masks iou_predictions:2 low_res_masks");
const samexporterEncoder = graph("image", "high_res_feats_0 high_res_feats_1 image_embed");
const samexporterInputs =
  "image_embed high_res_feats_0 high_res_feats_1 point_coords:3 point_labels:2 mask_input has_mask_input:1";
const pointsInputs = "image_embeddings point_coords:3 point_labels:2";

describe("detectLayout", () => {
  it.each<[string, Tensors, Tensors]>([
    ["sam1", graph("x", "317"), sam1Decoder],
    ["sam1", graph("input_image", "image_embeddings"), sam1Decoder],
    ["sam1-preprocess", graph("input_image:3", "image_embeddings"), sam1Decoder],
    [
      "sam1-hf",
      graph("pixel_values", "image_embeddings image_positional_embeddings"),
      graph(
        "input_points input_labels:3:int64 image_embeddings image_positional_embeddings",
        "iou_scores:3 pred_masks:5",
      ),
    ],
    [
      "sam2-hf",
      graph("pixel_values", "image_embeddings.0 image_embeddings.1 image_embeddings.2"),
      graph(
        "input_points input_labels:3:int64 input_boxes:3 image_embeddings.0 image_embeddings.1 image_embeddings.2",
        "iou_scores:3 pred_masks:5 object_score_logits:3",
      ),
    ],
    ["sam2-samexporter", samexporterEncoder, graph(samexporterInputs, "masks iou_predictions:2")],
    [
      "sam2-ibai",
      samexporterEncoder,
      graph(`${samexporterInputs} orig_im_size:1:int32`, "masks iou_predictions:2"),
    ],
    [
      "sam2-osam",
      graph("input", "image_embeddings high_res_features1 high_res_features2"),
      graph(
        `image_embeddings high_res_features1 high_res_features2 ${sam1Prompts}:int64`,
        "masks iou_predictions:2 low_res_masks",
      ),
    ],
    [
      "efficientsam",
      graph("batched_images", "image_embeddings"),
      graph(
        "image_embeddings batched_point_coords batched_point_labels:3 orig_im_size:1:int64",
        "output_masks:5 iou_predictions:3 2145",
      ),
    ],
    ["edgesam", graph("image", "image_embeddings"), graph(pointsInputs, "scores:2 masks")],
    [
      "efficientvit-sam",
      graph("input_image", "image_embeddings"),
      graph(pointsInputs, "masks iou_predictions:2"),
    ],
  ])("knows %s", (name, encoder, decoder) => {
    expect(detectLayout(encoder, decoder).name).toBe(name);
  });

  it("names what it found when nothing fits", () => {
    const error = catching(() =>
      detectLayout(graph("pixels", "features"), graph("features clicks:2", "shapes")),
    );
    expect(error).toMatchObject({ code: "MODEL_CORRUPT" });
    const { message } = error as Error;
    for (const part of ["pixels [?, ?, ?, ?]", "features", "clicks [?, ?]", "shapes", "sam2-hf"])
      expect(message).toContain(part);
  });

  it("refuses halves of two models", () => {
    expect(() => detectLayout(samexporterEncoder, sam1Decoder)).toThrow(/known arrangement of tensors/);
  });
});

describe("findLayout", () => {
  it.each(layoutNames.map((name) => [name]))("knows %s by that name", (name) => {
    expect(findLayout(name).name).toBe(name);
  });
});

function catching(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}
