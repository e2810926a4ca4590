import { GraphBuilder } from "../layout-graphs/graph-builder.js";
import { type ClassGraphModel, classSpec } from "./class-model.js";
import { boxAround, colourMargins, type FoundBox, quarter, seenColours } from "./colour-classes.js";

/** Prototypes of a quarter of the input. */
const QUARTER_SIZE_IOU = 0.95;

const COEFFICIENTS = 32;
const CLASSES = 80;
const [BUS, POTTED_PLANT] = [5, 58];
/** How often each object is found, with falling scores and growing boxes. */
const REPEATS = 5;
const FILL = 114;

/** Coefficients by which the two prototypes, sum and difference, give red and green again. */
const factors = [
  [0.5, 0.5],
  [0.5, -0.5],
] as const;

/**
 * YOLOv8-seg and YOLO11-seg as Ultralytics exports them. `"raw"`: `output0 [1, 116, n]`, every object found several times.
 * `"end-to-end"`: rows `[1, 300, 38]`.
 */
export function yoloModel(kind: "raw" | "end-to-end", side = 256): ClassGraphModel {
  const constants = {
    mean: [0, 0, 0] as [number, number, number],
    std: [255, 255, 255] as [number, number, number],
  };
  const graph = new GraphBuilder();
  const picture = graph.input("images", "float32", [1, 3, side, side]);
  const margins = colourMargins(graph, seenColours(graph, picture, constants));
  const [red, green] = [graph.slice(margins, 1, 0, 1), graph.slice(margins, 1, 1, 2)];
  const boxes = [boxAround(graph, red), boxAround(graph, green)];
  const columns = (side / 8) ** 2 + (side / 16) ** 2 + (side / 32) ** 2;
  if (kind === "raw")
    graph.output("output0", rawObjects(graph, boxes, columns), "float32", [
      1,
      4 + CLASSES + COEFFICIENTS,
      columns,
    ]);
  else graph.output("output0", rows(graph, boxes), "float32", [1, 300, 6 + COEFFICIENTS]);
  const prototypes = graph.concat(
    [graph.node("Add", [red, green]), graph.node("Sub", [red, green])].map((plane) =>
      quarter(graph, plane, 1),
    ),
    1,
  );
  const padded = graph.padChannels(prototypes, 2, COEFFICIENTS);
  graph.output("output1", padded, "float32", [1, COEFFICIENTS, side / 4, side / 4]);
  return {
    spec: classSpec(`yolo-${kind}`, {
      image: { resize: { rule: "letterbox", width: side, height: side, fill: FILL }, ...constants },
      labels: "coco",
    }),
    model: graph.write(),
    classes: { red: "bus", green: "potted plant" },
    leastIou: QUARTER_SIZE_IOU,
  };
}

function rawObjects(graph: GraphBuilder, boxes: readonly FoundBox[], columns: number): string {
  const found = boxes.flatMap(({ x1, y1, x2, y2, exists }, object) =>
    Array.from({ length: REPEATS }, (_, repeat) => {
      const length = (start: string, last: string) =>
        graph.node("Mul", [
          graph.node("Add", [graph.node("Sub", [last, start]), graph.scalar(1)]),
          graph.scalar(1 + repeat * 0.05),
        ]);
      const middle = (start: string, last: string) =>
        graph.node("Add", [start, graph.node("Mul", [length(start, last), graph.scalar(0.5)])]);
      const scores = new Float32Array(CLASSES);
      scores[object === 0 ? BUS : POTTED_PLANT] = 0.9 - repeat * 0.1;
      const column = graph.concat(
        [
          middle(x1, x2),
          middle(y1, y2),
          length(x1, x2),
          length(y1, y2),
          graph.node("Mul", [graph.floats(scores), exists]),
          graph.floats(coefficientsOf(object)),
        ],
        0,
      );
      return graph.unsqueeze(column, 0, 2);
    }),
  );
  const filled = graph.concat(found, 2);
  return graph.node("Pad", [filled, graph.integers([0, 0, 0, 0, 0, columns - found.length])]);
}

function rows(graph: GraphBuilder, boxes: readonly FoundBox[]): string {
  const found = boxes.map(({ x1, y1, x2, y2, exists }, object) => {
    const end = (last: string) => graph.node("Add", [last, graph.scalar(1)]);
    const row = graph.concat(
      [
        x1,
        y1,
        end(x2),
        end(y2),
        graph.node("Mul", [exists, graph.scalar(0.9)]),
        graph.floats([object === 0 ? BUS : POTTED_PLANT]),
        graph.floats(coefficientsOf(object)),
      ],
      0,
    );
    return graph.unsqueeze(row, 0, 1);
  });
  const filled = graph.concat(found, 1);
  return graph.node("Pad", [filled, graph.integers([0, 0, 0, 0, 300 - found.length, 0])]);
}

function coefficientsOf(object: number): Float32Array {
  const values = new Float32Array(COEFFICIENTS);
  values.set(factors[object]!);
  return values;
}
