import type { ModelSpec } from "../../model/model-spec.js";
import { type ColourPrompt, candidates, decodeColours, failUnless } from "./colour-decoder.js";
import { colourPlane, type FrameSides, packLevels, samMean, samStd, unpackLevels } from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec } from "./layout-model.js";
import { onlyNeededFilling } from "./sam1-hf-graphs.js";

/** Models that share layout C, with what they differ in. Published sides are 1024 and 256, SAM3's tracker 1008 and 288. */
const families = {
  sam2: { sides: { frame: 256, plane: 64 }, mean: samMean, std: samStd },
  edgetam: { sides: { frame: 256, plane: 64 }, mean: samMean, std: samStd },
  "sam3-tracker": {
    sides: { frame: 504, plane: 144 },
    mean: [127.5, 127.5, 127.5],
    std: [127.5, 127.5, 127.5],
  },
} as const;

export type Sam2HuggingFaceFamily = keyof typeof families;

export interface Sam2HuggingFaceModelOptions {
  /** Default `sam2`. */
  readonly family?: Sam2HuggingFaceFamily;
  /** Default: a quarter of the published sides, and half for SAM3's tracker. */
  readonly sides?: FrameSides;
}

/** Layout C: SAM2, EdgeTAM and SAM3's tracker as exported for transformers.js. */
export function sam2HuggingFaceModel(options: Sam2HuggingFaceModelOptions = {}): LayoutModel {
  const family = families[options.family ?? "sam2"];
  const { mean, std } = family;
  const sides = options.sides ?? family.sides;
  const image: ModelSpec["image"] = { size: sides.frame, resize: "stretch", mean: [...mean], std: [...std] };
  return {
    spec: layoutSpec("sam2-hf", image),
    encoder: encoder(sides, mean, std),
    decoder: decoder(sides),
  };
}

const levelNames = {
  fine: "image_embeddings.0",
  middle: "image_embeddings.1",
  coarse: "image_embeddings.2",
} as const;

const levels = ["fine", "middle", "coarse"] as const;

function levelDims({ plane }: FrameSides): Record<(typeof levels)[number], (number | string)[]> {
  return {
    fine: ["batch_size", 32, plane, plane],
    middle: ["batch_size", 64, plane / 2, plane / 2],
    coarse: ["batch_size", 256, plane / 4, plane / 4],
  };
}

function encoder(sides: FrameSides, mean: readonly number[], std: readonly number[]): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input("pixel_values", "float32", ["batch_size", 3, sides.frame, sides.frame]);
  const embedding = packLevels(graph, colourPlane(graph, image, sides, mean, std));
  for (const level of levels)
    graph.output(levelNames[level], embedding[level], "float32", levelDims(sides)[level]);
  return graph.write();
}

function decoder(sides: FrameSides): Uint8Array {
  const graph = new GraphBuilder();
  const inputPoints = graph.input("input_points", "float32", ["batch_size", "num_prompts", "num_points", 2]);
  const inputLabels = graph.input("input_labels", "int64", ["batch_size", "num_label_rows", "num_points"]);
  const inputBoxes = graph.input("input_boxes", "float32", ["batch_size", "num_boxes", 4]);
  for (const level of levels) graph.input(levelNames[level], "float32", levelDims(sides)[level]);

  const points = graph.squeeze(inputPoints, 0);
  const labels = graph.cast(graph.squeeze(inputLabels, 0), "float32");
  const boxes = graph.squeeze(inputBoxes, 0);
  // As many objects as there are prompts with points, or boxes where these are more.
  const objects = graph.node("Max", [graph.lengthOf(points, 0), graph.lengthOf(boxes, 0)]);
  const entries = graph.lengthOf(points, 1);
  const everyLabel = graph.node("Expand", [labels, graph.concat([objects, entries], 0)]);
  const logits = decodeColours(graph, {
    colours: unpackLevels(graph, levelNames),
    points: graph.node("Expand", [points, graph.concat([objects, entries, graph.integers([2])], 0)]),
    labels: everyLabel,
    box: boxForEach(graph, boxes, objects),
    sides,
  });
  const valid = graph.node("And", [
    onlyNeededFilling(graph, everyLabel),
    boxesFitPoints(graph, inputPoints, boxes),
  ]);
  const { planes, scores } = candidates(graph, failUnless(graph, logits, valid), ["tight", "right", "wrong"]);
  // An object is there when any cell is inside.
  const presence = graph.node("ReduceMax", [logits], { axes: [2, 3], keepdims: 0 });
  const out = (value: string) => graph.unsqueeze(value, 0);
  graph.output("iou_scores", out(scores), "float32", ["batch_size", "num_objects", 3]);
  graph.output("pred_masks", out(planes), "float32", [
    "batch_size",
    "num_objects",
    3,
    sides.plane,
    sides.plane,
  ]);
  graph.output("object_score_logits", out(presence), "float32", ["batch_size", "num_objects", 1]);
  return graph.write();
}

/** The given boxes `[K, 4]` for the first objects, none for the others. */
function boxForEach(graph: GraphBuilder, boxes: string, objects: string): NonNullable<ColourPrompt["box"]> {
  const given = graph.lengthOf(boxes, 0);
  const missing = graph.node("Sub", [objects, given]);
  // ConstantOfShape fills with 0 unless told otherwise.
  const zeros = (rows: string, columns: number) =>
    graph.node("ConstantOfShape", [graph.concat([rows, graph.integers([columns])], 0)]);
  const all = graph.concat([boxes, zeros(missing, 4)], 0);
  const one = graph.node("Add", [zeros(given, 1), graph.scalar(1)]);
  return {
    topLeft: graph.slice(all, 1, 0, 2),
    bottomRight: graph.slice(all, 1, 2, 4),
    given: graph.concat([one, zeros(missing, 1)], 0),
  };
}

/** Points and boxes together: exactly one of each. */
function boxesFitPoints(graph: GraphBuilder, inputPoints: string, boxes: string): string {
  const equals = (value: string, wanted: number) =>
    graph.squeeze(graph.node("Equal", [value, graph.integers([wanted])]), 0);
  const prompts = graph.lengthOf(inputPoints, 1);
  const oneOfEach = graph.node("And", [equals(prompts, 1), equals(graph.lengthOf(boxes, 0), 1)]);
  const either = graph.node("Or", [
    equals(graph.lengthOf(inputPoints, 2), 0),
    equals(graph.lengthOf(boxes, 0), 0),
  ]);
  return graph.node("Or", [either, oneOfEach]);
}
