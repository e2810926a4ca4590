import { type ColourPrompt, candidates, countLabel, decodeColours, failUnless } from "./colour-decoder.js";
import { colourPlane, type FrameSides, packEmbedding, unpackEmbedding } from "./colour-encoder.js";
import { GraphBuilder } from "./graph-builder.js";
import { type LayoutModel, layoutSpec, quarterSides } from "./layout-model.js";

/** What the decoder's export takes. */
export type Sam1HuggingFacePrompts =
  /** Points with labels: the published files of today. */
  | "points"
  /** Points without labels: files from before January 2024. */
  | "foreground"
  /** Branch `boxes`. */
  | "boxes"
  /** Branch `points-and-boxes`. */
  | "points-and-boxes";

export interface Sam1HuggingFaceModelOptions {
  /** Side of the frame. Default 256; the published one is 1024. */
  readonly frame?: number;
  /** Default `points`. */
  readonly prompts?: Sam1HuggingFacePrompts;
}

/** Layout B: SAM as optimum exports it. */
export function sam1HuggingFaceModel(options: Sam1HuggingFaceModelOptions = {}): LayoutModel {
  const sides = quarterSides(options.frame ?? 256);
  return {
    spec: layoutSpec("sam1-hf", { size: sides.frame, resize: "letterbox" }),
    encoder: encoder(sides),
    decoder: decoder(sides, options.prompts ?? "points"),
  };
}

const EMBEDDING_CHANNELS = 256;

/** What stands in for SAM's positional encoding: a value for each channel, the same for every picture. */
const positionalRamp = Array.from(
  { length: EMBEDDING_CHANNELS },
  (_, channel) => channel / EMBEDDING_CHANNELS,
);

function encoder(sides: FrameSides): Uint8Array {
  const graph = new GraphBuilder();
  const { frame, plane } = sides;
  const image = graph.input("pixel_values", "float32", ["batch_size", 3, frame, frame]);
  const embedding = packEmbedding(graph, colourPlane(graph, image, sides));
  const positional = graph.node("Add", [
    graph.node("Mul", [embedding, graph.scalar(0)]),
    graph.floats(positionalRamp, [1, EMBEDDING_CHANNELS, 1, 1]),
  ]);
  const dims = ["batch_size", EMBEDDING_CHANNELS, plane / 4, plane / 4];
  graph.output("image_embeddings", embedding, "float32", dims);
  graph.output("image_positional_embeddings", positional, "float32", dims);
  return graph.write();
}

function decoder(sides: FrameSides, prompts: Sam1HuggingFacePrompts): Uint8Array {
  const graph = new GraphBuilder();
  const { plane } = sides;
  const withPoints = prompts !== "boxes";
  const withLabels = withPoints && prompts !== "foreground";
  const withBoxes = prompts === "boxes" || prompts === "points-and-boxes";
  const points = withPoints && graph.input("input_points", "float32", ["batch", "prompts", "points", 2]);
  const labels = withLabels && graph.input("input_labels", "int64", ["batch", "prompts", "points"]);
  const boxes = withBoxes && graph.input("input_boxes", "float32", ["batch", "prompts", 4]);
  const embeddingDims = ["batch", EMBEDDING_CHANNELS, plane / 4, plane / 4];
  const embedding = graph.input("image_embeddings", "float32", embeddingDims);
  const positional = graph.input("image_positional_embeddings", "float32", embeddingDims);

  const box = boxes ? boxFromCorners(graph, graph.squeeze(boxes, 0)) : undefined;
  const entries = points
    ? pointEntries(graph, graph.squeeze(points, 0), labels ? graph.squeeze(labels, 0) : undefined)
    : withoutPoints(graph, box!);
  const logits = failUnless(
    graph,
    decodeColours(graph, {
      colours: unpackEmbedding(graph, embedding),
      ...entries,
      ...(box && { box }),
      sides,
    }),
    graph.node("And", [
      isPositionalRamp(graph, positional),
      withLabels && !withBoxes ? onlyNeededFilling(graph, entries.labels) : noPadding(graph, entries.labels),
    ]),
  );
  const { planes, scores } = candidates(graph, logits, ["tight", "right", "wrong"]);
  graph.output("iou_scores", graph.unsqueeze(scores, 0), "float32", ["batch", "prompts", 3]);
  graph.output("pred_masks", graph.unsqueeze(planes, 0), "float32", ["batch", "prompts", 3, plane, plane]);
  return graph.write();
}

type Entries = Pick<ColourPrompt, "points" | "labels">;

function pointEntries(graph: GraphBuilder, points: string, labels: string | undefined): Entries {
  if (labels) return { points, labels: graph.cast(labels, "float32") };
  // Without labels every point is on the object: ones of the points' shape.
  const zeros = graph.node("Mul", [graph.sum(points, 2), graph.scalar(0)]);
  return { points, labels: graph.node("Add", [zeros, graph.scalar(1)]) };
}

/** One entry for each object that counts as nothing. */
function withoutPoints(graph: GraphBuilder, box: NonNullable<ColourPrompt["box"]>): Entries {
  return {
    points: graph.unsqueeze(box.topLeft, 1),
    labels: graph.node("Mul", [box.given, graph.scalar(IGNORED_LABEL)]),
  };
}

/** A box for every object, from corners `[L, 4]`. */
function boxFromCorners(graph: GraphBuilder, corners: string): NonNullable<ColourPrompt["box"]> {
  const zeros = graph.node("Mul", [graph.slice(corners, 1, 0, 1), graph.scalar(0)]);
  return {
    topLeft: graph.slice(corners, 1, 0, 2),
    bottomRight: graph.slice(corners, 1, 2, 4),
    given: graph.node("Add", [zeros, graph.scalar(1)]),
  };
}

const NO_POINT_LABEL = -1;
const IGNORED_LABEL = -10;

/** Whether the host passed the encoder's second output on unchanged. */
function isPositionalRamp(graph: GraphBuilder, positional: string): string {
  const difference = graph.node("Sub", [
    positional,
    graph.floats(positionalRamp, [1, EMBEDDING_CHANNELS, 1, 1]),
  ]);
  const largest = graph.node("ReduceMax", [graph.node("Abs", [difference])], { keepdims: 0 });
  return graph.node("Equal", [largest, graph.scalar(0)]);
}

/** The graph appends the padding point by itself: a host that sends one, as it must in the official export, is wrong. */
export function noPadding(graph: GraphBuilder, labels: string): string {
  const paddings = graph.node("ReduceSum", [countLabel(graph, labels, NO_POINT_LABEL)], { keepdims: 0 });
  return graph.node("Equal", [paddings, graph.scalar(0)]);
}

/** {@link noPadding}, and no more ignored entries than the longest prompt needs: at least one object has none. */
export function onlyNeededFilling(graph: GraphBuilder, labels: string): string {
  const fewest = graph.node("ReduceMin", [countLabel(graph, labels, IGNORED_LABEL)], { keepdims: 0 });
  return graph.node("And", [noPadding(graph, labels), graph.node("Equal", [fewest, graph.scalar(0)])]);
}
