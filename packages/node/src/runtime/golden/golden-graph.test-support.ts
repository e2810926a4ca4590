import { fromFloat16Bits, type Tensor, toFloat16Bits } from "@maskery/core";
import { writeOnnxModel } from "../../../../core/src/testing/onnx-writer.js";
import {
  convolve,
  convolveTransposed,
  enlarge,
  erf,
  mapPlanes,
  multiply,
  normaliseRows,
  type Planes,
  softmaxOfRows,
  stack,
  transpose,
} from "./golden-reference.test-support.js";

/** Not square, so that swapped axes show. */
const HEIGHT = 12;
const WIDTH = 10;
const TOKENS = HEIGHT * WIDTH;
const CHANNELS = 6;

/** Side and depth of the convolutions that are timed: 2 billion multiplications in all. */
const SPEED_SIDE = 96;
const SPEED_CHANNELS = 64;
const SPEED_LAYERS = 6;

type FloatType = "float32" | "float16";

/**
 * What `golden-data.json` holds. Its graph has the parts that segmentation models are made of: strided, depthwise and
 * transposed convolutions, bilinear enlargement, normalisation, attention, Gelu and a sigmoid.
 */
export function makeGoldenData() {
  const weights = makeWeights();
  const input = numbers(3 * HEIGHT * WIDTH, 7);
  const { masks, means } = expectedOutputs(input, weights);
  return {
    dims: [1, 3, HEIGHT, WIDTH],
    input: base64(toFloat16Bits(Float32Array.from(input))),
    expected: {
      masks: base64(Float32Array.from(masks)),
      means: base64(Float32Array.from(means)),
    },
    models: {
      float32: base64(goldenModel("float32", weights)),
      float16: base64(goldenModel("float16", weights)),
    },
    speedDims: [1, SPEED_CHANNELS, 1, 1],
    speedModel: base64(speedModel()),
  };
}

/** Made of numbers that half precision holds exactly, so that one expectation serves both precisions. */
function makeWeights() {
  return {
    down: numbers(8 * 3 * 3 * 3, 1),
    downBias: numbers(8, 2),
    depthwise: numbers(8 * 3 * 3, 3),
    depthwiseBias: numbers(8, 4),
    up: numbers(8 * 4 * 2 * 2, 5),
    mix: numbers(CHANNELS * 12, 6),
    mixBias: numbers(CHANNELS, 8),
    normScale: numbers(CHANNELS, 9).map((value) => value + 1),
    normBias: numbers(CHANNELS, 10),
    query: numbers(CHANNELS * CHANNELS, 11),
    key: numbers(CHANNELS * CHANNELS, 12),
    value: numbers(CHANNELS * CHANNELS, 13),
    head: numbers(CHANNELS * 2, 14),
  };
}

type Weights = ReturnType<typeof makeWeights>;

function expectedOutputs(input: readonly number[], weights: Weights) {
  const image: Planes = { channels: 3, height: HEIGHT, width: WIDTH, data: input };
  const base = { kernel: 3, padding: 1 };
  const down = convolve(image, weights.down, weights.downBias, { ...base, outputs: 8, stride: 2, groups: 1 });
  const depthwise = mapPlanes(
    convolve(down, weights.depthwise, weights.depthwiseBias, { ...base, outputs: 8, stride: 1, groups: 8 }),
    (value) => Math.max(0, value),
  );
  const joined = stack(enlarge(down, 2), convolveTransposed(depthwise, weights.up, 4, 2));
  const mixed = convolve(joined, weights.mix, weights.mixBias, {
    outputs: CHANNELS,
    kernel: 1,
    stride: 1,
    padding: 0,
    groups: 1,
  });
  const active = mapPlanes(mixed, (value) => value * 0.5 * (1 + erf(value / Math.SQRT2)));
  const tokens = normaliseRows(
    transpose(rows(active.data, CHANNELS, TOKENS)),
    weights.normScale,
    weights.normBias,
  );
  const project = (matrix: readonly number[]) => multiply(tokens, rows(matrix, CHANNELS, CHANNELS));
  const attention = softmaxOfRows(multiply(project(weights.query), transpose(project(weights.key))));
  const attended = multiply(attention, project(weights.value));
  const sum = tokens.map((row, index) => row.map((value, column) => value + attended[index]![column]!));
  const masks = multiply(sum, rows(weights.head, CHANNELS, 2))
    .flat()
    .map((value) => 1 / (1 + Math.exp(-value)));
  const means = transpose(sum).map((column) => column.reduce((total, value) => total + value, 0) / TOKENS);
  return { masks: masks.map(rounded), means: means.map(rounded) };
}

/** The last digits of `exp` differ between versions of Node. */
const rounded = (value: number) => Math.round(value * 1e5) / 1e5;

function goldenModel(type: FloatType, weights: Weights): Uint8Array {
  const constant = (name: string, values: readonly number[], dims: readonly number[]) => ({
    name,
    tensor: floats(type, values, dims),
  });
  const node = (operator: string, inputs: readonly string[], output: string, attributes: object = {}) => ({
    operator,
    inputs,
    outputs: [output],
    ...attributes,
  });
  const list = (values: Readonly<Record<string, readonly number[]>>) => ({ integerListAttributes: values });
  const square = (side: number) => [side, side];
  return writeOnnxModel({
    inputs: [{ name: "image", type, dims: [1, 3, HEIGHT, WIDTH] }],
    constants: [
      constant("down-w", weights.down, [8, 3, 3, 3]),
      constant("down-b", weights.downBias, [8]),
      constant("depthwise-w", weights.depthwise, [8, 1, 3, 3]),
      constant("depthwise-b", weights.depthwiseBias, [8]),
      constant("up-w", weights.up, [8, 4, 2, 2]),
      constant("mix-w", weights.mix, [CHANNELS, 12, 1, 1]),
      constant("mix-b", weights.mixBias, [CHANNELS]),
      constant("norm-scale", weights.normScale, [CHANNELS]),
      constant("norm-bias", weights.normBias, [CHANNELS]),
      constant("query-w", weights.query, [CHANNELS, CHANNELS]),
      constant("key-w", weights.key, [CHANNELS, CHANNELS]),
      constant("value-w", weights.value, [CHANNELS, CHANNELS]),
      constant("head-w", weights.head, [CHANNELS, 2]),
      constant("root-two", [Math.SQRT2], []),
      constant("one", [1], []),
      constant("half", [0.5], []),
      { name: "scales", tensor: floats("float32", [1, 1, 2, 2], [4]) },
      {
        name: "token-shape",
        tensor: { type: "int64", dims: [3], data: BigInt64Array.of(1n, BigInt(CHANNELS), BigInt(TOKENS)) },
      },
    ],
    nodes: [
      node(
        "Conv",
        ["image", "down-w", "down-b"],
        "down",
        list({ kernel_shape: square(3), strides: square(2), pads: [1, 1, 1, 1] }),
      ),
      node("Conv", ["down", "depthwise-w", "depthwise-b"], "depthwise-raw", {
        ...list({ kernel_shape: square(3), pads: [1, 1, 1, 1] }),
        integerAttributes: { group: 8 },
      }),
      node("Relu", ["depthwise-raw"], "depthwise"),
      node("Resize", ["down", "", "scales"], "large", {
        stringAttributes: { mode: "linear", coordinate_transformation_mode: "half_pixel" },
      }),
      node(
        "ConvTranspose",
        ["depthwise", "up-w"],
        "up",
        list({ kernel_shape: square(2), strides: square(2) }),
      ),
      node("Concat", ["large", "up"], "joined", { integerAttributes: { axis: 1 } }),
      node("Conv", ["joined", "mix-w", "mix-b"], "mixed", list({ kernel_shape: square(1) })),
      node("Div", ["mixed", "root-two"], "gelu-1"),
      node("Erf", ["gelu-1"], "gelu-2"),
      node("Add", ["gelu-2", "one"], "gelu-3"),
      node("Mul", ["mixed", "gelu-3"], "gelu-4"),
      node("Mul", ["gelu-4", "half"], "active"),
      node("Reshape", ["active", "token-shape"], "by-channel"),
      node("Transpose", ["by-channel"], "by-token", list({ perm: [0, 2, 1] })),
      node("LayerNormalization", ["by-token", "norm-scale", "norm-bias"], "tokens"),
      node("MatMul", ["tokens", "query-w"], "query"),
      node("MatMul", ["tokens", "key-w"], "key"),
      node("MatMul", ["tokens", "value-w"], "value"),
      node("Transpose", ["key"], "key-columns", list({ perm: [0, 2, 1] })),
      node("MatMul", ["query", "key-columns"], "likeness"),
      node("Softmax", ["likeness"], "attention", { integerAttributes: { axis: 2 } }),
      node("MatMul", ["attention", "value"], "attended"),
      node("Add", ["tokens", "attended"], "sum"),
      node("MatMul", ["sum", "head-w"], "logits"),
      node("Sigmoid", ["logits"], "masks"),
      node("ReduceMean", ["sum"], "means", { ...list({ axes: [1] }), integerAttributes: { keepdims: 0 } }),
    ],
    outputs: [
      { name: "masks", type, dims: [1, TOKENS, 2] },
      { name: "means", type, dims: [1, CHANNELS] },
    ],
  });
}

/** Enough work to tell a GPU from a program that imitates one; weights and pixels are spread out inside the graph to keep it small. */
function speedModel(): Uint8Array {
  const layers = Array.from({ length: SPEED_LAYERS }, (_, layer) => layer);
  const int64 = (...values: readonly number[]): Tensor => ({
    type: "int64",
    dims: [values.length],
    data: BigInt64Array.from(values, BigInt),
  });
  return writeOnnxModel({
    inputs: [{ name: "pixel", type: "float32", dims: [1, SPEED_CHANNELS, 1, 1] }],
    constants: [
      { name: "weight", tensor: floats("float32", [1 / (SPEED_CHANNELS * 9)], [1, 1, 1, 1]) },
      { name: "weight-shape", tensor: int64(SPEED_CHANNELS, SPEED_CHANNELS, 3, 3) },
      { name: "picture-shape", tensor: int64(1, SPEED_CHANNELS, SPEED_SIDE, SPEED_SIDE) },
    ],
    nodes: [
      { operator: "Expand", inputs: ["weight", "weight-shape"], outputs: ["weights"] },
      { operator: "Expand", inputs: ["pixel", "picture-shape"], outputs: ["layer-0"] },
      ...layers.map((layer) => ({
        operator: "Conv",
        inputs: [`layer-${layer}`, "weights"],
        outputs: [`layer-${layer + 1}`],
        integerListAttributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      })),
      {
        operator: "ReduceMean",
        inputs: [`layer-${SPEED_LAYERS}`],
        outputs: ["mean"],
        integerAttributes: { keepdims: 0 },
      },
    ],
    outputs: [{ name: "mean", type: "float32", dims: [] }],
  });
}

function floats(type: FloatType, values: readonly number[], dims: readonly number[]): Tensor {
  const data = Float32Array.from(values);
  return type === "float32" ? { type, dims, data } : { type, dims, data: toFloat16Bits(data) };
}

/** Numbers between -0.5 and 0.5 that half precision holds exactly, the same on every machine (Numerical Recipes' generator). */
function numbers(count: number, seed: number): number[] {
  let state = seed * 7919;
  const values = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
  return [...fromFloat16Bits(toFloat16Bits(values))];
}

function rows(values: readonly number[], count: number, length: number): number[][] {
  return Array.from({ length: count }, (_, row) => values.slice(row * length, (row + 1) * length));
}

function base64(array: Uint8Array | Uint16Array | Float32Array): string {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
}
