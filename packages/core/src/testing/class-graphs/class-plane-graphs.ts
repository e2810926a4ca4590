import { GraphBuilder } from "../layout-graphs/graph-builder.js";
import { type ClassGraphModel, classSpec } from "./class-model.js";
import { classLogits, colourMargins, imagenet, quarter, seenColours } from "./colour-classes.js";

const FULL_SIZE_IOU = 0.95;

/** FCN and DeepLabV3 of torchvision: `out` and `aux`, `[N, 21, H, W]` at the size of the input. */
export function torchvisionModel(): ClassGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("input", "float32", ["batch", 3, "height", "width"]);
  const logits = classLogits(
    graph,
    seenColours(graph, picture, imagenet),
    { ground: 0, red: 6, green: 16 },
    21,
  );
  graph.output("out", logits, "float32", ["batch", 21, "height", "width"]);
  // The auxiliary head is worse; a host that reads it finds the opposite.
  graph.output("aux", graph.node("Neg", [logits]), "float32", ["batch", 21, "height", "width"]);
  return {
    spec: classSpec("torchvision", {
      image: { resize: { rule: "shorter", side: 120 }, ...imagenet },
      labels: "voc",
    }),
    model: graph.write(),
    classes: { red: "bus", green: "pottedplant" },
    leastIou: FULL_SIZE_IOU,
  };
}

/** SegFormer as transformers.js has it: `logits [B, 150, S/4, S/4]` without a background. */
export function segformerModel(side = 256): ClassGraphModel {
  const graph = new GraphBuilder();
  const picture = graph.input("pixel_values", "float32", ["batch_size", 3, side, side]);
  const colours = quarter(graph, seenColours(graph, picture, imagenet), 3);
  const logits = classLogits(graph, colours, { ground: 3, red: 80, green: 17 }, 150);
  graph.output("logits", logits, "float32", ["batch_size", 150, side / 4, side / 4]);
  return {
    spec: classSpec("segformer", {
      image: { resize: { rule: "stretch", width: side, height: side }, ...imagenet },
      labels: "ade20k",
    }),
    model: graph.write(),
    classes: { red: "bus", green: "plant", ground: "floor" },
    leastIou: FULL_SIZE_IOU,
  };
}

/** U-Net: values 0..1, sides a multiple of 16, one plane or one for each class. */
export function unetModel(planes: "one" | "several"): ClassGraphModel {
  const image = {
    resize: { rule: "own" as const, longest: 320 },
    multiple: { of: 16, by: "padding" as const },
    mean: [0, 0, 0] as [number, number, number],
    std: [255, 255, 255] as [number, number, number],
  };
  const graph = new GraphBuilder();
  const picture = graph.input("input", "float32", ["batch", 3, "height", "width"]);
  const margins = colourMargins(graph, seenColours(graph, picture, image));
  const channels = planes === "one" ? 1 : 3;
  const shown = planes === "one" ? graph.slice(margins, 1, 0, 1) : margins;
  graph.output("output", shown, "float32", ["batch", channels, "height", "width"]);
  return {
    spec: classSpec(`unet-${planes}`, {
      image,
      ...(planes === "one"
        ? { labels: ["tumour"] }
        : { labels: ["tumour", "vessel", "tissue"], background: 2 }),
    }),
    model: graph.write(),
    classes: planes === "one" ? { red: "tumour" } : { red: "tumour", green: "vessel" },
    leastIou: FULL_SIZE_IOU,
  };
}
