import { GraphBuilder } from "../layout-graphs/graph-builder.js";
import { type ClassGraphModel, classSpec } from "./class-model.js";
import { boxAround, colourMargins, isPicture, seenColours } from "./colour-classes.js";

/** Cells of a mask along each side of its box. */
const CELLS = 28;

/**
 * 28 cells over a box that holds two shapes: corners are cut off within a cell, and a cell is up to a thirtieth of the box.
 */
const SMALL_MASK_IOU = 0.94;

const [BUS, POTTED_PLANT] = [6, 59];

/**
 * Mask R-CNN of the ONNX model zoo: `[3, H, W]` without batch, BGR less its mean, zeros up to multiples of 32; four outputs told by
 * position.
 */
export function maskRcnnModel(): ClassGraphModel {
  const image = {
    channels: "bgr" as const,
    mean: [102.9801, 115.9465, 122.7717] as [number, number, number],
    std: [1, 1, 1] as [number, number, number],
  };
  const graph = new GraphBuilder();
  const picture = graph.unsqueeze(graph.input("image", "float32", [3, "height", "width"]), 0);
  const visible = isPicture(graph, picture);
  const margins = graph.node("Mul", [
    colourMargins(graph, seenColours(graph, picture, image), image.channels),
    visible,
  ]);
  const planes = [graph.slice(margins, 1, 0, 1), graph.slice(margins, 1, 1, 2)];
  const boxes = planes.map((plane) => boxAround(graph, plane));
  const row = (corners: readonly string[]) => graph.unsqueeze(graph.concat(corners, 0), 0);
  const inclusive = graph.concat(
    boxes.map(({ x1, y1, x2, y2 }) => row([x1, y1, x2, y2])),
    0,
  );
  const beyond = graph.node("Add", [inclusive, graph.floats([0, 0, 1, 1], [1, 4])]);
  const probability = graph.node("Sigmoid", [graph.slice(margins, 1, 0, 2)]);
  const aligned = graph.node("RoiAlign", [probability, beyond, graph.integers([0, 0])], {
    output_height: CELLS,
    output_width: CELLS,
    sampling_ratio: 0,
  });
  const masks = graph.concat(
    [0, 1].map((object) => graph.slice(graph.slice(aligned, 0, object, object + 1), 1, object, object + 1)),
    0,
  );
  const scores = graph.concat(
    boxes.map(({ exists }) => graph.node("Mul", [exists, graph.scalar(0.9)])),
    0,
  );
  graph.output("6568", inclusive, "float32", ["nbox", 4]);
  graph.output("6570", graph.integers([BUS, POTTED_PLANT]), "int64", ["nbox"]);
  graph.output("6572", scores, "float32", ["nbox"]);
  graph.output("6887", masks, "float32", ["nbox", 1, CELLS, CELLS]);
  return {
    spec: classSpec("mask-rcnn", {
      image: { resize: { rule: "shorter", side: 160 }, multiple: { of: 32, by: "padding" }, ...image },
      labels: "coco-background",
    }),
    model: graph.write(),
    classes: { red: "bus", green: "potted plant" },
    leastIou: SMALL_MASK_IOU,
  };
}
