import type { FrameSides } from "./colour-encoder.js";
import type { GraphBuilder } from "./graph-builder.js";

/** Colours nearer than this to the prompt's are the object: half of the contrast of the drawn pictures. */
const COLOUR_RADIUS = 50;
/** Logits of certainty; colours at the prompt's own reach it. */
const CERTAIN = 8;
const LOGITS_PER_COLOUR_STEP = CERTAIN / COLOUR_RADIUS;
/** Steepness of a box's sides, for each pixel of the frame. */
const LOGITS_PER_BOX_PIXEL = 2;
/** How much more an earlier mask weighs than the colours. */
const EARLIER_MASK_WEIGHT = 4;

/** Values inside a decoder graph. L = objects, N = points for each. */
export interface ColourPrompt {
  /** `[1, 2, plane, plane]`. */
  readonly colours: string;
  /** Float32 `[L, N, 2]`, x and y in pixels of the frame; half a pixel is added here, as in the published models. */
  readonly points: string;
  /** Float32 `[L, N]`: 1 and 0 count, anything else is passed over. */
  readonly labels: string;
  readonly box?: {
    /** Float32 `[L, 2]`. */
    readonly topLeft: string;
    readonly bottomRight: string;
    /** Float32 `[L, 1]`: 1 where the object has a box, else 0. */
    readonly given: string;
  };
  readonly earlierMask?: {
    /** Float32 `[L, 1, plane, plane]`. */
    readonly logits: string;
    /** Float32 `[1]`, a blend factor: 0 or 1. */
    readonly given: string;
  };
  readonly sides: FrameSides;
}

/** Boxes as SAM's prompt encoder has them: two more points, labels 2 (top left) and 3 (bottom right). */
export function boxFromLabels(
  graph: GraphBuilder,
  points: string,
  labels: string,
): NonNullable<ColourPrompt["box"]> {
  const corner = (label: number) =>
    graph.sum(graph.node("Mul", [points, graph.unsqueeze(graph.isEqual(labels, label), 2)]), 1);
  return {
    topLeft: corner(2),
    bottomRight: corner(3),
    given: graph.maximum(graph.isEqual(labels, 2), 1, true),
  };
}

/**
 * The object at the prompt: cells whose colour is near that of a point with label 1 or of the box's centre, not near that
 * of a point with label 0, and inside the box. An earlier mask outweighs the colours.
 * @returns Logits `[L, 1, plane, plane]`, zero halfway between two colours of the drawn pictures.
 */
export function decodeColours(graph: GraphBuilder, prompt: ColourPrompt): string {
  const { box, earlierMask, sides } = prompt;
  let { points, labels } = prompt;
  if (box) {
    const middle = graph.node("Mul", [graph.node("Add", [box.topLeft, box.bottomRight]), graph.scalar(0.5)]);
    points = graph.concat([points, graph.unsqueeze(middle, 1)], 1);
    // 1 with a box, -1 without.
    const centreLabel = graph.node("Sub", [graph.node("Mul", [box.given, graph.scalar(2)]), graph.scalar(1)]);
    labels = graph.concat([labels, centreLabel], 1);
  }
  const similarity = colourSimilarity(graph, prompt.colours, points, sides);
  let logits = graph.node("Min", [
    bestOf(graph, similarity, graph.isEqual(labels, 1)),
    graph.node("Neg", [bestOf(graph, similarity, graph.isEqual(labels, 0))]),
  ]);
  if (box) logits = graph.node("Min", [logits, insideBox(graph, box, sides)]);
  logits = graph.unsqueeze(logits, 1);
  if (!earlierMask) return logits;
  const weight = graph.node("Mul", [earlierMask.given, graph.scalar(EARLIER_MASK_WEIGHT)]);
  return graph.node("Add", [logits, graph.node("Mul", [earlierMask.logits, weight])]);
}

/** `[L, N, plane, plane]`: how near each cell's colour is to that at each point. */
function colourSimilarity(
  graph: GraphBuilder,
  colours: string,
  points: string,
  { frame }: FrameSides,
): string {
  const halfPixel = graph.node("Add", [points, graph.scalar(0.5)]);
  const grid = graph.node("Sub", [graph.node("Mul", [halfPixel, graph.scalar(2 / frame)]), graph.scalar(1)]);
  // [1, L, N, 2] → [1, 2, L, N] → [L, N, 2, 1, 1]
  const sampled = graph.node("GridSample", [colours, graph.unsqueeze(grid, 0)], {
    mode: "nearest",
    padding_mode: "border",
    align_corners: 0,
  });
  const wanted = graph.unsqueeze(
    graph.node("Transpose", [graph.squeeze(sampled, 0)], { perm: [1, 2, 0] }),
    3,
    4,
  );
  const difference = graph.node("Sub", [graph.unsqueeze(colours, 0), wanted]);
  const distance = graph.node("Sqrt", [graph.sum(graph.node("Mul", [difference, difference]), 2)]);
  return graph.node("Mul", [
    graph.node("Sub", [graph.scalar(COLOUR_RADIUS), distance]),
    graph.scalar(LOGITS_PER_COLOUR_STEP),
  ]);
}

/** The highest similarity among the chosen points, `[L, plane, plane]`; certainly none where none is chosen. */
function bestOf(graph: GraphBuilder, similarity: string, chosen: string): string {
  const isChosen = graph.cast(graph.unsqueeze(chosen, 2, 3), "bool");
  const kept = graph.node("Where", [isChosen, similarity, graph.scalar(-CERTAIN)]);
  return graph.node("Max", [graph.maximum(kept, 1), graph.scalar(-CERTAIN)]);
}

function insideBox(
  graph: GraphBuilder,
  box: NonNullable<ColourPrompt["box"]>,
  { frame, plane }: FrameSides,
): string {
  const centres = Array.from({ length: plane }, (_, cell) => ((cell + 0.5) * frame) / plane);
  const side = (axis: 0 | 1) => {
    const positions = graph.floats(centres, axis === 0 ? [1, 1, plane] : [1, plane, 1]);
    // A box's corners lie on the edges of pixels, where a point lies in the middle of one: no half pixel here.
    const bound = (corner: string) => graph.unsqueeze(graph.slice(corner, 1, axis, axis + 1), 2);
    return graph.node("Min", [
      graph.node("Sub", [positions, bound(box.topLeft)]),
      graph.node("Sub", [bound(box.bottomRight), positions]),
    ]);
  };
  const depth = graph.node("Mul", [
    graph.node("Min", [side(0), side(1)]),
    graph.scalar(LOGITS_PER_BOX_PIXEL),
  ]);
  const isGiven = graph.cast(graph.unsqueeze(box.given, 2), "bool");
  return graph.node("Where", [isGiven, graph.clip(depth, -CERTAIN, CERTAIN), graph.scalar(CERTAIN)]);
}

/** Turns the logits upside down where a rule of the layout was broken: a wrong mask for a wrong host. */
export function failUnless(graph: GraphBuilder, logits: string, valid: string): string {
  return graph.node("Where", [valid, logits, graph.node("Neg", [logits])]);
}

/** Predicted quality: how certain the logits are on average, 0..1, `[L, 1]`. */
export function confidence(graph: GraphBuilder, logits: string): string {
  const certainty = graph.clip(graph.node("Abs", [logits]), 0, CERTAIN);
  const mean = graph.node("ReduceMean", [certainty], { axes: [2, 3], keepdims: 0 });
  return graph.node("Mul", [mean, graph.scalar(1 / CERTAIN)]);
}

/** Kinds of candidates: the right one, a shrunken one, and one that is wrong everywhere. */
export type CandidateKind = "right" | "tight" | "wrong";

const scoreShares: Readonly<Record<CandidateKind, number>> = { right: 1, tight: 0.7, wrong: 0.4 };

/**
 * The candidates of one object in the given order: planes `[L, K, plane, plane]` and scores `[L, K]`, highest for the right
 * one.
 */
export function candidates(
  graph: GraphBuilder,
  logits: string,
  kinds: readonly CandidateKind[],
): { readonly planes: string; readonly scores: string } {
  const plane: Readonly<Record<CandidateKind, () => string>> = {
    right: () => logits,
    tight: () => graph.node("Sub", [logits, graph.scalar(CERTAIN / 2)]),
    wrong: () => graph.node("Neg", [logits]),
  };
  const shares = graph.floats(
    kinds.map((kind) => scoreShares[kind]),
    [1, kinds.length],
  );
  return {
    planes: graph.concat(
      kinds.map((kind) => plane[kind]()),
      1,
    ),
    scores: graph.node("Mul", [confidence(graph, logits), shares]),
  };
}

/** Entries with this label for each object, float32 `[L]`. */
export function countLabel(graph: GraphBuilder, labels: string, label: number): string {
  return graph.sum(graph.isEqual(labels, label), 1);
}
