import type { GraphBuilder } from "./graph-builder.js";

/** Lengths that a family of graphs shares. In the published models: frame 1024, plane 256. */
export interface FrameSides {
  /** Side of the square frame that the encoder sees. */
  readonly frame: number;
  /** Side of the low-resolution mask planes. */
  readonly plane: number;
}

/** SAM's constants on the 0..255 scale. */
export const samMean = [123.675, 116.28, 103.53] as const;
export const samStd = [58.395, 57.12, 57.375] as const;

/**
 * Red and green: the two channels that these graphs see. They are blind to blue, and the drawn pictures have blue stripes
 * all over, so a host that swaps red and blue fails.
 */
export const SEEN_CHANNELS = 2;

/**
 * What these graphs know of a picture: its mean colours 0..255 at the resolution of the mask planes, `[1, 2, plane, plane]`.
 * Zeros in all channels are padding and left out of the means, so a host that pads before it normalises is found out. Values
 * beyond 0..255 are cut, so a host that normalises otherwise loses the picture.
 * @param normalised - `(value - mean) / std`, `[1, 3, frame, frame]`.
 */
export function colourPlane(
  graph: GraphBuilder,
  normalised: string,
  sides: FrameSides,
  mean: readonly number[] = samMean,
  std: readonly number[] = samStd,
): string {
  const visible = graph.cast(
    graph.node("Greater", [graph.maximum(graph.node("Abs", [normalised]), 1, true), graph.scalar(0)]),
    "float32",
  );
  const scaled = graph.node("Mul", [normalised, graph.floats(std, [1, 3, 1, 1])]);
  const colours = graph.clip(graph.node("Add", [scaled, graph.floats(mean, [1, 3, 1, 1])]), 0, 255);
  const seen = graph.slice(colours, 1, 0, SEEN_CHANNELS);
  const total = shrink(graph, graph.node("Mul", [seen, visible]), SEEN_CHANNELS, sides);
  const share = shrink(graph, visible, 1, sides);
  return graph.node("Div", [total, graph.node("Max", [share, graph.scalar(1e-6)])]);
}

function shrink(graph: GraphBuilder, value: string, channels: number, { frame, plane }: FrameSides): string {
  if (frame % plane !== 0) return graph.resize(value, graph.integers([1, channels, plane, plane]));
  const step = frame / plane;
  return graph.node("AveragePool", [value], { kernel_shape: [step, step], strides: [step, step] });
}

/** Cells of a mask plane along one cell of the embedding. */
const CELLS_PER_PATCH = 4;

/**
 * Folds the colours into SAM's embedding shape, `[1, 256, plane / 4, plane / 4]`: each patch holds its 4 × 4 cells in its
 * first channels.
 */
export function packEmbedding(graph: GraphBuilder, colours: string): string {
  const folded = graph.node("SpaceToDepth", [colours], { blocksize: CELLS_PER_PATCH });
  return graph.padChannels(folded, SEEN_CHANNELS * CELLS_PER_PATCH ** 2, 256);
}

/** The inverse of {@link packEmbedding}. */
export function unpackEmbedding(graph: GraphBuilder, embedding: string): string {
  const folded = graph.slice(embedding, 1, 0, SEEN_CHANNELS * CELLS_PER_PATCH ** 2);
  return graph.node("DepthToSpace", [folded], { blocksize: CELLS_PER_PATCH });
}

/** SAM2's three levels: `[1, 32, plane, plane]`, `[1, 64, plane / 2, plane / 2]` and `[1, 256, plane / 4, plane / 4]`. */
export interface EmbeddingLevels {
  readonly fine: string;
  readonly middle: string;
  readonly coarse: string;
}

/**
 * Red is a product of the fine and the coarse level, green lies in the middle one: without any of the three a colour is lost.
 */
export function packLevels(graph: GraphBuilder, colours: string): EmbeddingLevels {
  const red = graph.slice(colours, 1, 0, 1);
  const green = graph.slice(colours, 1, 1, 2);
  const fine = graph.node("Add", [graph.node("Mul", [green, graph.scalar(1 / 255)]), graph.scalar(1)]);
  const coarse = graph.node("Div", [red, fine]);
  return {
    fine: graph.padChannels(fine, 1, 32),
    middle: graph.padChannels(graph.node("SpaceToDepth", [green], { blocksize: 2 }), 4, 64),
    coarse: graph.padChannels(graph.node("SpaceToDepth", [coarse], { blocksize: 4 }), 16, 256),
  };
}

/** The inverse of {@link packLevels}. */
export function unpackLevels(graph: GraphBuilder, { fine, middle, coarse }: EmbeddingLevels): string {
  const unfolded = graph.node("DepthToSpace", [graph.slice(coarse, 1, 0, 16)], { blocksize: 4 });
  const red = graph.node("Mul", [graph.slice(fine, 1, 0, 1), unfolded]);
  const green = graph.node("DepthToSpace", [graph.slice(middle, 1, 0, 4)], { blocksize: 2 });
  return graph.concat([red, green], 1);
}
