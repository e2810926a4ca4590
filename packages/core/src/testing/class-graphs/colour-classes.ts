import type { PictureInput } from "../../model/classes/picture-input.js";
import type { GraphBuilder } from "../layout-graphs/graph-builder.js";

/** The colours of the drawn pictures in red and green; blue is stripes that mean nothing. */
const drawnColours = { ground: [60, 60], red: [160, 60], green: [60, 160] } as const;

export type DrawnColour = keyof typeof drawnColours;

/** Number of the class that a graph gives to each colour; a colour without one is nothing to it. */
export type ColourNumbers = { readonly [Colour in DrawnColour]?: number };

/** Colours at a class's own are worth 8 logits against the others. */
const LOGITS_PER_SQUARED_STEP = 8 / 100 ** 2;
/** Of classes that the pictures do not show. */
const NEVER = -1e4;

/** The constants of ImageNet on the scale 0..255. */
export const imagenet = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
} satisfies Pick<PictureInput, "mean" | "std">;

/**
 * Every drawn picture has 60 as its lowest red or green, and 160 as the highest; resizing adds some ringing. A picture that arrives
 * with others was normalised otherwise.
 */
const LOWEST = [30, 75] as const;
const HIGHEST = 205;
const BETWEEN = 114;

/**
 * What the host normalised, as colours 0..255 again, `[1, 3, h, w]`. Black where it was normalised otherwise than it should, so that
 * such a host finds nothing.
 */
export function seenColours(
  graph: GraphBuilder,
  picture: string,
  { mean, std, channels }: Pick<PictureInput, "mean" | "std" | "channels">,
): string {
  const scaled = graph.node("Mul", [picture, graph.floats(std, [1, 3, 1, 1])]);
  const colours = graph.node("Add", [scaled, graph.floats(mean, [1, 3, 1, 1])]);
  const visible = graph.cast(isPicture(graph, picture), "bool");
  const filled = graph.node("Where", [visible, colours, graph.scalar(BETWEEN)]);
  const redAndGreen = channels === "bgr" ? 1 : 0;
  const judged = graph.slice(filled, 1, redAndGreen, redAndGreen + 2);
  const lowest = graph.node("ReduceMin", [judged], { keepdims: 0 });
  const highest = graph.node("ReduceMax", [judged], { keepdims: 0 });
  const right = [
    graph.node("Greater", [lowest, graph.scalar(LOWEST[0])]),
    graph.node("Less", [lowest, graph.scalar(LOWEST[1])]),
    graph.node("Less", [highest, graph.scalar(HIGHEST)]),
  ].reduce((all, one) => graph.node("And", [all, one]));
  return graph.node("Where", [right, colours, graph.scalar(0)]);
}

/** 1 where a pixel has a value, 0 in padding, `[1, 1, h, w]`. */
export function isPicture(graph: GraphBuilder, picture: string): string {
  return graph.cast(
    graph.node("Greater", [graph.maximum(graph.node("Abs", [picture]), 1, true), graph.scalar(0)]),
    "float32",
  );
}

/**
 * Nearest colour as linear logits, `[1, classes, h, w]`: `2 c·r - |r|²` grows with the nearness of `c` to `r`. Blue weighs
 * nothing, so a host that swaps red and blue sees stripes instead of shapes.
 */
export function classLogits(
  graph: GraphBuilder,
  colours: string,
  numbers: ColourNumbers,
  classes: number,
  channels: PictureInput["channels"] = "rgb",
): string {
  const weights = new Float32Array(classes * 3);
  const bias = new Float32Array(classes).fill(NEVER);
  for (const [colour, number] of Object.entries(numbers)) {
    const [red, green] = drawnColours[colour as DrawnColour];
    weights[number * 3 + (channels === "bgr" ? 2 : 0)] = 2 * red * LOGITS_PER_SQUARED_STEP;
    weights[number * 3 + 1] = 2 * green * LOGITS_PER_SQUARED_STEP;
    bias[number] = -(red ** 2 + green ** 2) * LOGITS_PER_SQUARED_STEP;
  }
  return graph.node("Conv", [colours, graph.floats(weights, [classes, 3, 1, 1]), graph.floats(bias)]);
}

/** How much nearer a pixel is to each of red, green and ground than to the other two: logits `[1, 3, h, w]`. */
export function colourMargins(
  graph: GraphBuilder,
  colours: string,
  channels: PictureInput["channels"] = "rgb",
): string {
  const logits = classLogits(graph, colours, { red: 0, green: 1, ground: 2 }, 3, channels);
  const of = [0, 1, 2].map((index) => graph.slice(logits, 1, index, index + 1));
  const margins = of.map((own, index) =>
    graph.node("Sub", [
      own,
      graph.node(
        "Max",
        of.filter((_, other) => other !== index),
      ),
    ]),
  );
  return graph.concat(margins, 1);
}

/** A quarter of the sides, rounded up, each cell weighing the pixels it covers. */
export function quarter(graph: GraphBuilder, value: string, channels: number): string {
  const blurred = graph.node("AveragePool", [value], {
    kernel_shape: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
  });
  const side = (axis: number) =>
    graph.node("Div", [
      graph.node("Add", [graph.lengthOf(value, axis), graph.integers([3])]),
      graph.integers([4]),
    ]);
  return graph.resize(blurred, graph.concat([graph.integers([1, channels]), side(2), side(3)], 0));
}

/** The smallest box around positive values of a `[1, 1, h, w]` plane, and whether there are any. */
export interface FoundBox {
  /** Float32 `[1]` each; the last column and row are included. */
  readonly x1: string;
  readonly y1: string;
  readonly x2: string;
  readonly y2: string;
  /** 1.0 or 0.0, `[1]`. */
  readonly exists: string;
}

export function boxAround(graph: GraphBuilder, plane: string): FoundBox {
  const inside = graph.cast(graph.node("Greater", [plane, graph.scalar(1)]), "float32");
  const along = (otherAxis: number) => graph.reshape(graph.maximum(inside, otherAxis, true), [-1]);
  const first = (row: string) => graph.cast(graph.node("ArgMax", [row], { axis: 0, keepdims: 1 }), "float32");
  const last = (row: string) =>
    graph.cast(graph.node("ArgMax", [row], { axis: 0, keepdims: 1, select_last_index: 1 }), "float32");
  const columns = along(2);
  const rows = along(3);
  return {
    x1: first(columns),
    y1: first(rows),
    x2: last(columns),
    y2: last(rows),
    exists: graph.maximum(columns, 0, true),
  };
}
