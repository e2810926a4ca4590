import {
  boxFromLabels,
  candidates,
  confidence,
  countLabel,
  decodeColours,
  failUnless,
} from "./colour-decoder.js";
import {
  colourPlane,
  type FrameSides,
  packEmbedding,
  samMean,
  samStd,
  unpackEmbedding,
} from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec, quarterSides } from "./layout-model.js";

/** Which published export of the decoder to write. */
export type Sam1Decoder =
  /** Four masks; the host chooses among them. */
  | "multi"
  /** `--return-single-mask`: the graph chooses. */
  | "single"
  /** `--return-extra-metrics`: five outputs, of which the third has the name `low_res_masks` but holds stability scores. */
  | "extra-metrics";

export interface Sam1ModelOptions {
  /** Side of the frame. Default 256; the published one is 1024. */
  readonly frame?: number;
  readonly decoder?: Sam1Decoder;
  /** Name of the raw encoder's input. Default `input_image`, as samexporter has it; `x` in visheratin's and osam's files. */
  readonly inputName?: "input_image" | "x";
  /** Element type of pictures and embeddings. Default float32. */
  readonly elementType?: "float32" | "float16";
}

/** Layout A with raw encoder A1: the host resizes, normalises and pads. */
export function sam1Model(options: Sam1ModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  const elementType = options.elementType ?? "float32";
  return {
    spec: layoutSpec("sam1", { size: sides.frame, resize: "letterbox" }),
    encoder: rawEncoder(sides, options.inputName ?? "input_image", elementType),
    decoder: sam1Decoder(sides, options.decoder ?? "multi", elementType),
  };
}

/** Layout A with encoder A2, which normalises and pads by itself. */
export function sam1PreprocessModel(options: Omit<Sam1ModelOptions, "inputName"> = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("sam1-preprocess", { size: sides.frame, resize: "letterbox" }),
    encoder: preprocessingEncoder(sides),
    decoder: sam1Decoder(sides, options.decoder ?? "multi", "float32"),
  };
}

function rawEncoder(
  sides: FrameSides,
  inputName: "input_image" | "x",
  elementType: "float32" | "float16",
): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input(inputName, elementType, [1, 3, sides.frame, sides.frame]);
  const embedding = packEmbedding(graph, colourPlane(graph, graph.cast(image, "float32"), sides));
  // The published files with `x` name their output as they like.
  const outputName = inputName === "x" ? "embeddings" : "image_embeddings";
  const side = sides.plane / 4;
  graph.output(outputName, graph.cast(embedding, elementType), elementType, [1, 256, side, side]);
  return graph.write();
}

function preprocessingEncoder(sides: FrameSides): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input("input_image", "float32", ["image_height", "image_width", 3]);
  const normalised = graph.node("Div", [
    graph.node("Sub", [image, graph.floats(samMean, [1, 1, 3])]),
    graph.floats(samStd, [1, 1, 3]),
  ]);
  const planes = graph.unsqueeze(graph.node("Transpose", [normalised], { perm: [2, 0, 1] }), 0);
  const missing = (axis: number) =>
    graph.node("Sub", [graph.integers([sides.frame]), graph.lengthOf(planes, axis)]);
  const pads = graph.concat([graph.integers([0, 0, 0, 0, 0, 0]), missing(2), missing(3)], 0);
  const padded = graph.reshape(graph.node("Pad", [planes, pads]), [1, 3, sides.frame, sides.frame]);
  const side = sides.plane / 4;
  graph.output("image_embeddings", packEmbedding(graph, colourPlane(graph, padded, sides)), "float32", [
    1,
    256,
    side,
    side,
  ]);
  return graph.write();
}

function sam1Decoder(
  sides: FrameSides,
  variant: Sam1Decoder,
  elementType: "float32" | "float16",
): Uint8Array {
  const graph = new GraphBuilder();
  const side = sides.plane / 4;
  const embedding = graph.input("image_embeddings", elementType, [1, 256, side, side]);
  const points = graph.input("point_coords", "float32", [1, "num_points", 2]);
  const labels = graph.input("point_labels", "float32", [1, "num_points"]);
  const maskInput = graph.input("mask_input", "float32", [1, 1, sides.plane, sides.plane]);
  const hasMaskInput = graph.input("has_mask_input", "float32", [1]);
  const originalSize = graph.input("orig_im_size", "float32", [2]);

  const box = boxFromLabels(graph, points, labels);
  const logits = failUnless(
    graph,
    decodeColours(graph, {
      colours: unpackEmbedding(graph, graph.cast(embedding, "float32")),
      points,
      labels,
      box,
      earlierMask: { logits: maskInput, given: hasMaskInput },
      sides,
    }),
    promptIsComplete(graph, labels, box.given, hasMaskInput),
  );
  const { planes, scores } =
    variant === "single"
      ? { planes: logits, scores: confidence(graph, logits) }
      : fourCandidates(graph, logits, labels);

  const count = variant === "single" ? 1 : 4;
  const lowRes = [1, count, sides.plane, sides.plane];
  graph.output("masks", frozenMasks(graph, planes, count, originalSize, sides), "float32", [
    1,
    count,
    "height",
    "width",
  ]);
  graph.output("iou_predictions", scores, "float32", [1, count]);
  if (variant === "extra-metrics") {
    graph.output("low_res_masks", scores, "float32", [1, count]);
    graph.output(
      "1573",
      graph.node("ReduceSum", [planes, graph.integers([2, 3])], { keepdims: 0 }),
      "float32",
      [1, count],
    );
    graph.output("1580", planes, "float32", lowRes);
  } else {
    graph.output("low_res_masks", planes, "float32", lowRes);
  }
  return graph.write();
}

/** One padding point without a box, none with one; `has_mask_input` 0 or 1. */
function promptIsComplete(
  graph: GraphBuilder,
  labels: string,
  boxGiven: string,
  hasMaskInput: string,
): string {
  const wantedPads = graph.node("Sub", [graph.scalar(1), graph.squeeze(boxGiven, 1)]);
  const padsRight = graph.node("Equal", [countLabel(graph, labels, -1), wantedPads]);
  const blend = graph.node("Mul", [hasMaskInput, graph.node("Sub", [hasMaskInput, graph.scalar(1)])]);
  return graph.node("And", [padsRight, graph.node("Equal", [blend, graph.scalar(0)])]);
}

/**
 * The trap of the four-mask export: with at most two entries the first plane is wrong and has the best score, with more
 * entries all others are wrong. Hosts that take the best score alone fail either way.
 */
function fourCandidates(graph: GraphBuilder, logits: string, labels: string) {
  const entries = graph.lengthOf(labels, 1);
  const isSparse = graph.node("LessOrEqual", [entries, graph.integers([2])]);
  const inverted = graph.node("Neg", [logits]);
  const first = graph.node("Where", [isSparse, inverted, logits]);
  const others = candidates(graph, graph.node("Where", [isSparse, logits, inverted]), [
    "wrong",
    "right",
    "tight",
  ]);
  const firstScore = graph.node("Where", [isSparse, graph.scalar(1.1), graph.scalar(0.6)]);
  return {
    planes: graph.concat([first, others.planes], 1),
    scores: graph.concat([graph.node("Mul", [confidence(graph, logits), firstScore]), others.scores], 1),
  };
}

/**
 * Masks at the picture's size with the frozen crop of most published decoders: 683 of 1024 rows, whatever the picture is.
 * Right for pictures of 3:2 only, so a host that trusts this output fails.
 */
function frozenMasks(
  graph: GraphBuilder,
  planes: string,
  count: number,
  originalSize: string,
  { frame }: FrameSides,
): string {
  const full = graph.resize(planes, graph.integers([1, count, frame, frame]));
  const cropped = graph.slice(full, 2, 0, Math.round((frame * 683) / 1024));
  return graph.resize(
    cropped,
    graph.concat([graph.integers([1, count]), graph.cast(originalSize, "int64")], 0),
  );
}
