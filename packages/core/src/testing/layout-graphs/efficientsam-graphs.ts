import { boxFromLabels, candidates, decodeColours } from "./colour-decoder.js";
import { colourPlane, type FrameSides, packEmbedding, unpackEmbedding } from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec, quarterSides } from "./layout-model.js";

export interface EfficientSamModelOptions {
  /** Side of the frame inside the graph. Default 256; the published one is 1024. */
  readonly frame?: number;
  /** Whether the low-resolution masks are given as a third output, as in the published files. Default true. */
  readonly lowResOutput?: boolean;
}

/** Entries that the graph looks at; further ones are cut. */
const MOST_ENTRIES = 6;

/**
 * Layout E: the picture at its own size in 0..1, prompts in its own pixels; the graph stretches both to its frame. Labels 0
 * mean nothing to it.
 */
export function efficientSamModel(options: EfficientSamModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("efficientsam", {
      size: sides.frame,
      resize: "stretch",
      mean: [0, 0, 0],
      std: [255, 255, 255],
    }),
    encoder: encoder(sides),
    decoder: decoder(sides, options.lowResOutput ?? true),
  };
}

function encoder(sides: FrameSides): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input("batched_images", "float32", ["batch", 3, "height", "width"]);
  const stretched = graph.resize(image, graph.integers([1, 3, sides.frame, sides.frame]));
  // A picture that is not in 0..1 is taken for black.
  const inRange = graph.node("Equal", [stretched, graph.clip(stretched, -0.001, 1.001)]);
  const share = graph.node("ReduceMin", [graph.cast(inRange, "float32")], { axes: [1, 2, 3], keepdims: 1 });
  const picture = graph.node("Mul", [stretched, share]);
  const colours = colourPlane(graph, picture, sides, [0, 0, 0], [255, 255, 255]);
  const side = sides.plane / 4;
  graph.output("image_embeddings", packEmbedding(graph, colours), "float32", ["batch", 256, side, side]);
  return graph.write();
}

function decoder(sides: FrameSides, lowResOutput: boolean): Uint8Array {
  const graph = new GraphBuilder();
  const side = sides.plane / 4;
  const embedding = graph.input("image_embeddings", "float32", ["batch", 256, side, side]);
  const queries = graph.input("batched_point_coords", "float32", [1, 1, "num_points", 2]);
  const queryLabels = graph.input("batched_point_labels", "float32", [1, 1, "num_points"]);
  const originalSize = graph.input("orig_im_size", "int64", [2]);

  const labels = graph.slice(graph.squeeze(queryLabels, 1), 1, 0, MOST_ENTRIES);
  const widthFirst = graph.concat(
    [graph.slice(originalSize, 0, 1, 2), graph.slice(originalSize, 0, 0, 1)],
    0,
  );
  const factors = graph.node("Div", [graph.scalar(sides.frame), graph.cast(widthFirst, "float32")]);
  const points = graph.slice(
    graph.node("Mul", [graph.squeeze(queries, 1), graph.unsqueeze(factors, 0, 1)]),
    1,
    0,
    MOST_ENTRIES,
  );
  // No learned vector for 0: such a point is passed over.
  const known = graph.node("Where", [
    graph.node("Equal", [labels, graph.scalar(0)]),
    graph.scalar(-1),
    labels,
  ]);
  const logits = decodeColours(graph, {
    colours: unpackEmbedding(graph, embedding),
    points,
    labels: known,
    box: boxFromLabels(graph, points, known),
    sides,
  });
  // The published files do not sort their candidates, so the first is not the best.
  const { planes, scores } = candidates(graph, logits, ["wrong", "tight", "right"]);
  const sizes = graph.concat([graph.integers([1, 3]), originalSize], 0);
  graph.output("output_masks", graph.unsqueeze(graph.resize(planes, sizes), 0), "float32", [
    1,
    1,
    3,
    "height",
    "width",
  ]);
  graph.output("iou_predictions", graph.unsqueeze(scores, 0), "float32", [1, 1, 3]);
  if (lowResOutput) graph.output("2145", planes, "float32", [1, 3, sides.plane, sides.plane]);
  return graph.write();
}
