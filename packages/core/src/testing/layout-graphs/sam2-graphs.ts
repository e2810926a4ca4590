import { boxFromLabels, candidates, countLabel, decodeColours, failUnless } from "./colour-decoder.js";
import {
  colourPlane,
  type EmbeddingLevels,
  type FrameSides,
  packLevels,
  unpackLevels,
} from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec, quarterSides } from "./layout-model.js";

/** Where each level of the embedding goes by name. */
type LevelNames = Readonly<Record<keyof EmbeddingLevels, string>>;

const samexporterNames: LevelNames = {
  fine: "high_res_feats_0",
  middle: "high_res_feats_1",
  coarse: "image_embed",
};
/** The layout is by position, so these graphs have other names than samexporter's. */
const ibaiDecoderNames: LevelNames = { fine: "input.1", middle: "input.2", coarse: "input.0" };
const osamNames: LevelNames = {
  fine: "high_res_features1",
  middle: "high_res_features2",
  coarse: "image_embeddings",
};

export interface Sam2ModelOptions {
  /** Side of the frame. Default 256; the published one is 1024. */
  readonly frame?: number;
}

export interface Sam2SamexporterModelOptions extends Sam2ModelOptions {
  /**
   * Whether the encoder calls the two fine levels tensors of no type, as published files do: onnxruntime refuses it as it is.
   * Default false.
   */
  readonly untypedLevels?: boolean;
}

/** Layout D1: samexporter's SAM2. */
export function sam2SamexporterModel(options: Sam2SamexporterModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("sam2-samexporter", { size: sides.frame, resize: "stretch" }, sides.plane),
    encoder: sam2Encoder(
      sides,
      "image",
      samexporterNames,
      ["fine", "middle", "coarse"],
      options.untypedLevels ? ["fine", "middle"] : [],
    ),
    decoder: sam2Decoder(sides, samexporterNames, "low-res"),
  };
}

/** Layout D2: D1 with the picture's size (int32, height first) as an eighth input, and masks at that size. */
export function sam2IbaiModel(options: Sam2ModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("sam2-ibai", { size: sides.frame, resize: "stretch" }),
    encoder: sam2Encoder(sides, "image", samexporterNames, ["fine", "middle", "coarse"]),
    decoder: sam2Decoder(sides, ibaiDecoderNames, "original-int32"),
  };
}

/** Layout D3: own names, the picture's size as int64, and the low-resolution masks as a third output. */
export function sam2OsamModel(options: Sam2ModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("sam2-osam", { size: sides.frame, resize: "stretch" }),
    encoder: sam2Encoder(sides, "input", osamNames, ["coarse", "fine", "middle"]),
    decoder: sam2Decoder(sides, osamNames, "original-int64"),
  };
}

function levelDims(level: keyof EmbeddingLevels, plane: number): number[] {
  if (level === "fine") return [1, 32, plane, plane];
  return level === "middle" ? [1, 64, plane / 2, plane / 2] : [1, 256, plane / 4, plane / 4];
}

function sam2Encoder(
  sides: FrameSides,
  inputName: string,
  names: LevelNames,
  order: readonly (keyof EmbeddingLevels)[],
  untyped: readonly (keyof EmbeddingLevels)[] = [],
): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input(inputName, "float32", [1, 3, sides.frame, sides.frame]);
  const levels = packLevels(graph, colourPlane(graph, image, sides));
  for (const level of untyped) graph.untype(levels[level]);
  for (const level of order)
    graph.output(names[level], levels[level], "float32", levelDims(level, sides.plane));
  return graph.write();
}

/** What the decoder gives: low-resolution masks, or masks at a size that it is told. */
type Sam2Outputs = "low-res" | "original-int32" | "original-int64";

/**
 * The graph appends its own padding point, so a host must add none: the mask is wrong when every object has one. Objects with
 * fewer points than others are filled up with them, and an earlier mask alone comes with one entry that is none.
 */
function sam2Decoder(sides: FrameSides, names: LevelNames, outputs: Sam2Outputs): Uint8Array {
  const graph = new GraphBuilder();
  const inputOrder: readonly (keyof EmbeddingLevels)[] = ["coarse", "fine", "middle"];
  for (const level of inputOrder) graph.input(names[level], "float32", levelDims(level, sides.plane));
  const nameOf = (name: string, position: number) =>
    outputs === "original-int32" ? `input.${position}` : name;
  const points = graph.input(nameOf("point_coords", 3), "float32", ["num_labels", "num_points", 2]);
  const labels = graph.input(nameOf("point_labels", 4), "float32", ["num_labels", "num_points"]);
  const maskInput = graph.input(nameOf("mask_input", 5), "float32", [
    "num_labels",
    1,
    sides.plane,
    sides.plane,
  ]);
  const hasMaskInput = graph.input(nameOf("has_mask_input", 6), "float32", [1]);
  const originalSize =
    outputs === "low-res"
      ? undefined
      : graph.input(nameOf("orig_im_size", 7), outputs === "original-int32" ? "int32" : "int64", [2]);

  const fewestPads = graph.node("ReduceMin", [countLabel(graph, labels, -1)], { axes: [0], keepdims: 0 });
  const logits = failUnless(
    graph,
    decodeColours(graph, {
      colours: unpackLevels(graph, names),
      points,
      labels,
      box: boxFromLabels(graph, points, labels),
      earlierMask: { logits: maskInput, given: hasMaskInput },
      sides,
    }),
    graph.node("Or", [
      graph.node("Equal", [fewestPads, graph.scalar(0)]),
      graph.node("Equal", [graph.lengthOf(labels, 1), graph.integers([1])]),
    ]),
  );
  const { planes, scores } = candidates(graph, logits, ["tight", "right", "wrong"]);
  const lowRes = graph.clip(planes, -32, 32);
  const lowResDims = ["num_labels", 3, sides.plane, sides.plane];
  if (originalSize === undefined) {
    graph.output("masks", lowRes, "float32", lowResDims);
    graph.output("iou_predictions", scores, "float32", ["num_labels", 3]);
    return graph.write();
  }
  const sizes = graph.concat(
    [graph.lengthOf(labels, 0), graph.integers([3]), graph.cast(originalSize, "int64")],
    0,
  );
  graph.output("masks", graph.resize(lowRes, sizes), "float32", ["num_labels", 3, "height", "width"]);
  graph.output("iou_predictions", scores, "float32", ["num_labels", 3]);
  if (outputs === "original-int64") graph.output("low_res_masks", lowRes, "float32", lowResDims);
  return graph.write();
}
