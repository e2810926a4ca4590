import { GraphBuilder } from "../layout-graphs/graph-builder.js";
import { type ClassGraphModel, classSpec } from "./class-model.js";
import { colourMargins, imagenet, quarter, seenColours } from "./colour-classes.js";

/** Masks of a quarter of the input, and pictures of 240 pixels: a border moves by up to half a cell, 2 of them. */
const QUARTER_SIZE_IOU = 0.95;

interface Naming {
  readonly id: string;
  readonly classes: string;
  readonly masks: string;
  readonly queries: number;
  /** Without "no object". */
  readonly classCount: number;
  /** Of red, green and ground. */
  readonly numbers: readonly [number, number, number];
  readonly labels: "coco-panoptic" | "coco-panoptic-ids";
}

/** DETR panoptic, as `Xenova/detr-resnet-50-panoptic` has it: 100 queries, COCO's own ids, and `pixel_mask`. */
export function detrPanopticModel(): ClassGraphModel {
  return queryModel({
    id: "detr-panoptic",
    classes: "logits",
    masks: "pred_masks",
    queries: 100,
    classCount: 250,
    numbers: [6, 64, 190],
    labels: "coco-panoptic-ids",
  });
}

/** MaskFormer as optimum exports it; both sides a multiple of 32. */
export function maskFormerModel(): ClassGraphModel {
  return queryModel({
    id: "maskformer",
    classes: "class_queries_logits",
    masks: "masks_queries_logits",
    queries: 20,
    classCount: 133,
    numbers: [5, 58, 122],
    labels: "coco-panoptic",
  });
}

function queryModel(naming: Naming): ClassGraphModel {
  const { queries, classCount } = naming;
  const isDetr = naming.classes === "logits";
  const graph = new GraphBuilder();
  const picture = graph.input("pixel_values", "float32", ["batch_size", 3, "height", "width"]);
  const margins = quarter(graph, colourMargins(graph, seenColours(graph, picture, imagenet)), 3);
  const seen = isDetr ? whereAllowed(graph, margins) : margins;
  const masks = graph.node("Pad", [
    seen,
    graph.integers([0, 0, 0, 0, 0, queries - 3, 0, 0]),
    graph.scalar(-8),
  ]);
  graph.output(naming.classes, classesOf(graph, seen, naming), "float32", [
    "batch_size",
    queries,
    classCount + 1,
  ]);
  if (isDetr)
    graph.output(
      "pred_boxes",
      graph.floats(new Float32Array(queries * 4).fill(0.5), [1, queries, 4]),
      "float32",
      ["batch_size", queries, 4],
    );
  graph.output(naming.masks, masks, "float32", ["batch_size", queries, "mask_height", "mask_width"]);
  return {
    spec: classSpec(naming.id, {
      image: {
        resize: { rule: "shorter", side: 240, longest: 480 },
        ...(isDetr ? {} : { multiple: { of: 32, by: "stretching" as const } }),
        ...imagenet,
      },
      labels: naming.labels,
    }),
    model: graph.write(),
    classes: { red: "bus", green: "potted plant", ground: "floor-other-merged" },
    leastIou: QUARTER_SIZE_IOU,
  };
}

/** A `pixel_mask` with a zero in it makes the model see nothing. */
function whereAllowed(graph: GraphBuilder, margins: string): string {
  const mask = graph.input("pixel_mask", "int64", ["batch_size", 64, 64]);
  const allowed = graph.node("ReduceMin", [graph.cast(mask, "float32")], { keepdims: 0 });
  return graph.node("Where", [graph.node("Greater", [allowed, graph.scalar(0)]), margins, graph.scalar(-8)]);
}

/**
 * The first three queries are the colours, where they occur. The others are "no object", but for the fourth: sure of a class, with
 * an empty mask, which a host must drop.
 */
function classesOf(graph: GraphBuilder, margins: string, { queries, classCount, numbers }: Naming): string {
  const NONE = classCount;
  const table = new Float32Array(queries * (classCount + 1)).fill(-8);
  const put = (query: number, number: number, logit: number) => {
    table[query * (classCount + 1) + number] = logit;
  };
  for (let query = 0; query < queries; query++) put(query, NONE, 8);
  numbers.forEach((number, query) => {
    put(query, NONE, 0);
    put(query, number, 0);
  });
  put(3, NONE, -8);
  put(3, numbers[0], 8);
  const constant = graph.floats(table, [1, queries, classCount + 1]);
  // [1, 3, h, w] → highest of each colour → ±8 for its class.
  const highest = graph.maximum(graph.maximum(margins, 3), 2);
  const presence = graph.unsqueeze(graph.clip(graph.node("Mul", [highest, graph.scalar(4)]), -8, 8), 2);
  const share = new Float32Array(3 * (classCount + 1));
  numbers.forEach((number, query) => {
    share[query * (classCount + 1) + number] = 1;
  });
  const own = graph.node("Mul", [presence, graph.floats(share, [1, 3, classCount + 1])]);
  const filled = graph.node("Pad", [own, graph.integers([0, 0, 0, 0, queries - 3, 0])]);
  return graph.node("Add", [constant, filled]);
}
