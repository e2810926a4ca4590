import { fromFloat16Bits, toFloat16Bits } from "./float16.js";
import type { Graph, GraphRunOptions } from "./runtime.js";
import type { NamedTensors, Tensor, TensorInfo } from "./tensor.js";

/**
 * Lets a graph with inputs or outputs in half precision be used like the same graph in float32: feeds are rounded on the way
 * in, outputs widened on the way out. Layouts and caches therefore know float32 alone.
 * @returns The graph itself where it has no tensor in half precision.
 */
export function withFloat32Tensors(graph: Graph): Graph {
  const halfInputs = halfNames(graph.inputs);
  const halfOutputs = halfNames(graph.outputs);
  if (halfInputs.size === 0 && halfOutputs.size === 0) return graph;
  // Kept feeds are recognised by their array, so the rounded array must be the same each time.
  const roundedOfKept = new WeakMap<Float32Array, Uint16Array>();

  const round = (values: Float32Array, kept: boolean): Uint16Array => {
    const known = kept ? roundedOfKept.get(values) : undefined;
    if (known) return known;
    const rounded = toFloat16Bits(values);
    if (kept) roundedOfKept.set(values, rounded);
    return rounded;
  };

  const run = async (feeds: NamedTensors, options: GraphRunOptions = {}): Promise<NamedTensors> => {
    const { keep = [], transfer = [] } = options;
    const own: string[] = [];
    const rounded = mapTensors(feeds, (name, tensor) => {
      if (tensor.type !== "float32" || !halfInputs.has(name)) return tensor;
      const kept = keep.includes(name);
      if (!kept) own.push(name);
      return { type: "float16", dims: tensor.dims, data: round(tensor.data, kept) };
    });
    const outputs = await graph.run(rounded, { ...options, transfer: [...new Set([...transfer, ...own])] });
    return mapTensors(outputs, (name, tensor) =>
      tensor.type === "float16" && halfOutputs.has(name)
        ? { type: "float32", dims: tensor.dims, data: fromFloat16Bits(tensor.data) }
        : tensor,
    );
  };

  return {
    device: graph.device,
    ...(graph.deviceReport && { deviceReport: graph.deviceReport }),
    inputs: graph.inputs.map(asFloat32),
    outputs: graph.outputs.map(asFloat32),
    run,
    dispose: () => graph.dispose(),
  };
}

function halfNames(tensors: readonly TensorInfo[]): ReadonlySet<string> {
  return new Set(tensors.filter(({ type }) => type === "float16").map(({ name }) => name));
}

function asFloat32(info: TensorInfo): TensorInfo {
  return info.type === "float16" ? { ...info, type: "float32" } : info;
}

function mapTensors(tensors: NamedTensors, change: (name: string, tensor: Tensor) => Tensor): NamedTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, change(name, tensor)]));
}
