import { boxFromLabels, candidates, countLabel, decodeColours, failUnless } from "./colour-decoder.js";
import { colourPlane, type FrameSides, packEmbedding, unpackEmbedding } from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec, quarterSides } from "./layout-model.js";

export interface SingleEmbeddingModelOptions {
  /** Side of the frame. Default 256; the published one is 1024. */
  readonly frame?: number;
}

/** Layout F: EdgeSAM. One object in a run, scores before masks. */
export function edgeSamModel(options: SingleEmbeddingModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("edgesam", { size: sides.frame, resize: "letterbox" }),
    encoder: encoder(sides, "image", 1),
    decoder: pointsDecoder(sides, 1, ["scores", "masks"]),
  };
}

/** Layout G: EfficientViT-SAM, where the encoder sees half of the frame of prompts and masks, as l0, l1 and l2 do. */
export function efficientVitSamModel(options: SingleEmbeddingModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  const size = sides.frame / 2;
  return {
    spec: layoutSpec("efficientvit-sam", { size, promptSize: sides.frame, resize: "letterbox" }),
    encoder: encoder({ frame: size, plane: sides.plane }, "input_image", "batch"),
    decoder: pointsDecoder(sides, "batch", ["masks", "iou_predictions"]),
  };
}

function encoder(sides: FrameSides, inputName: string, batch: number | string): Uint8Array {
  const graph = new GraphBuilder();
  const image = graph.input(inputName, "float32", [batch, 3, sides.frame, sides.frame]);
  const side = sides.plane / 4;
  graph.output("image_embeddings", packEmbedding(graph, colourPlane(graph, image, sides)), "float32", [
    batch,
    256,
    side,
    side,
  ]);
  return graph.write();
}

/** Points and boxes as labels, no padding point, no earlier mask, four candidates. */
function pointsDecoder(
  sides: FrameSides,
  batch: number | string,
  outputOrder: readonly ("masks" | "scores" | "iou_predictions")[],
): Uint8Array {
  const graph = new GraphBuilder();
  const side = sides.plane / 4;
  const embedding = graph.input("image_embeddings", "float32", [1, 256, side, side]);
  const points = graph.input("point_coords", "float32", [batch, "num_points", 2]);
  const labels = graph.input("point_labels", "float32", [batch, "num_points"]);
  const pads = graph.unsqueeze(countLabel(graph, labels, -1), 1, 2, 3);
  const logits = failUnless(
    graph,
    decodeColours(graph, {
      colours: unpackEmbedding(graph, embedding),
      points,
      labels,
      box: boxFromLabels(graph, points, labels),
      sides,
    }),
    graph.node("Equal", [pads, graph.scalar(0)]),
  );
  const { planes, scores } = candidates(graph, logits, ["tight", "wrong", "right", "tight"]);
  for (const name of outputOrder) {
    if (name === "masks") graph.output(name, planes, "float32", [batch, 4, sides.plane, sides.plane]);
    else graph.output(name, scores, "float32", [batch, 4]);
  }
  return graph.write();
}
