import type { Graph } from "../../backend/runtime.js";
import { float32Tensor, type NamedTensors, type Tensor, type TensorInfo } from "../../backend/tensor.js";
import type { ModelSpec } from "../model-spec.js";

/** Tensors by name, or by name and axes; `?` is an open axis. Element types are float32 unless a name says otherwise. */
export type TensorList = Readonly<Record<string, readonly (number | null)[]>>;

const infos = (tensors: TensorList, types: Readonly<Record<string, TensorInfo["type"]>> = {}): TensorInfo[] =>
  Object.entries(tensors).map(([name, dims]) => ({ name, type: types[name] ?? "float32", dims }));

export interface RecordingGraph extends Graph {
  /** The feeds of every run, and the outputs that were asked for. */
  readonly runs: { readonly feeds: NamedTensors; readonly outputs: readonly string[] }[];
}

/** A graph that keeps what it is fed and answers with given tensors. */
export function recordingGraph(
  inputs: TensorList,
  outputs: NamedTensors,
  types: Readonly<Record<string, TensorInfo["type"]>> = {},
): RecordingGraph {
  const runs: { feeds: NamedTensors; outputs: readonly string[] }[] = [];
  return {
    device: "none",
    runs,
    inputs: infos(inputs, types),
    outputs: Object.entries(outputs).map(([name, { type, dims }]) => ({ name, type, dims })),
    async run(feeds, options = {}) {
      const wanted = options.outputs ?? Object.keys(outputs);
      runs.push({ feeds, outputs: wanted });
      return Object.fromEntries(wanted.map((name) => [name, outputs[name]!]));
    },
    dispose: async () => undefined,
  };
}

/** Float32 planes of which each is filled with its own number, starting at 1. */
export function numberedPlanes(count: number, side: number, dims: readonly number[]): Tensor {
  const data = new Float32Array(count * side * side);
  for (let plane = 0; plane < count; plane++)
    data.fill(plane + 1, plane * side * side, (plane + 1) * side * side);
  return float32Tensor(data, dims);
}

/** A spec of which layouts read the frame alone. */
export function frameSpec(image: Partial<ModelSpec["image"]> = {}): ModelSpec {
  return {
    id: "recorded",
    title: "Recorded",
    family: "sam",
    version: "1",
    license: "Apache-2.0",
    files: { encoder: { name: "encoder.onnx" }, decoder: { name: "decoder.onnx" } },
    image: {
      size: 1024,
      resize: "letterbox",
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
      ...image,
    },
  };
}

/** Values of one recorded feed as plain numbers. */
export function values(feeds: NamedTensors, name: string): number[] {
  return Array.from(feeds[name]!.data as ArrayLike<number | bigint>, Number);
}
