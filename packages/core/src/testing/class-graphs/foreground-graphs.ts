import type { ForegroundModelSpec } from "../../model/foreground/foreground-model-spec.js";
import { GraphBuilder } from "../layout-graphs/graph-builder.js";
import { type ForegroundGraphModel, foregroundSpec } from "./class-model.js";
import { colourMargins, imagenet, seenColours } from "./colour-classes.js";

const gray = {
  mean: [127.5, 127.5, 127.5],
  std: [255, 255, 255],
} satisfies Pick<ForegroundModelSpec["image"], "mean" | "std">;

const stretch = (side: number) => ({ rule: "stretch" as const, width: side, height: side });

/** Red is the subject: how sure of it, 0..1. Green and the ground are background. */
function subject(
  graph: GraphBuilder,
  picture: string,
  constants: Pick<ForegroundModelSpec["image"], "mean" | "std">,
  brightness = 1,
): string {
  const colours = seenColours(graph, picture, constants);
  const scaled = brightness === 1 ? colours : graph.node("Mul", [colours, graph.scalar(brightness)]);
  return graph.slice(colourMargins(graph, scaled), 1, 0, 1);
}

/**
 * U²-Net and its relatives as rembg runs them: input divided by the picture's own maximum, seven outputs of which the first
 * counts, values in a narrow range that has to be stretched.
 */
export function u2netModel(side = 320): ForegroundGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("input.1", "float32", ["batch_size", 3, side, side]);
  const logits = subject(graph, picture, imagenet, 230 / 255);
  const narrow = graph.node("Add", [
    graph.node("Mul", [graph.node("Sigmoid", [logits]), graph.scalar(0.3)]),
    graph.scalar(0.1),
  ]);
  // Seen at full brightness only when the host scaled the picture by its own maximum.
  const brightest = graph.node("ReduceMax", [seenColours(graph, picture, imagenet)], { keepdims: 0 });
  const isBright = graph.node("Greater", [brightest, graph.scalar(254)]);
  const answer = graph.node("Where", [isBright, narrow, graph.scalar(0.2)]);
  ["1959", "1960", "1961", "1962", "1963", "1964", "1965"].forEach((name, index) => {
    const plane = index === 0 ? answer : graph.node("Sub", [graph.scalar(1), answer]);
    graph.output(name, plane, "float32", ["batch_size", 1, side, side]);
  });
  return {
    spec: foregroundSpec("u2net", {
      image: { resize: stretch(side), filter: "lanczos", maximum: "own", ...imagenet },
      stretch: "min-max",
    }),
    model: graph.write(),
  };
}

/** IS-Net: mean a half, deviation one; values in a narrow range. */
export function isNetModel(side = 256): ForegroundGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("input_image", "float32", ["batch_size", 3, side, side]);
  const share = graph.node("Sigmoid", [subject(graph, picture, gray)]);
  graph.output("output_image", graph.node("Mul", [share, graph.scalar(0.4)]), "float32", [
    "batch_size",
    1,
    side,
    side,
  ]);
  return {
    spec: foregroundSpec("isnet", { image: { resize: stretch(side), ...gray }, stretch: "min-max" }),
    model: graph.write(),
  };
}

/** BiRefNet: logits. */
export function biRefNetModel(side = 256): ForegroundGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("input_image", "float32", ["batch_size", 3, side, side]);
  graph.output("output_image", subject(graph, picture, imagenet), "float32", ["batch_size", 1, side, side]);
  return {
    spec: foregroundSpec("birefnet", { image: { resize: stretch(side), ...imagenet } }),
    model: graph.write(),
  };
}

/** RMBG-1.4: shares as they are. */
export function rmbgModel(side = 256): ForegroundGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("input", "float32", ["batch_size", 3, side, side]);
  const share = graph.node("Sigmoid", [subject(graph, picture, gray)]);
  graph.output("output", share, "float32", ["batch_size", 1, side, side]);
  return {
    spec: foregroundSpec("rmbg", { image: { resize: stretch(side), ...gray } }),
    model: graph.write(),
  };
}
