import type { Tensor, TensorType } from "../../backend/tensor.js";
import { type OnnxConstant, type OnnxNode, type OnnxValue, writeOnnxModel } from "../onnx-writer.js";

/** Attributes of a node by ONNX name; whole numbers must not be negative, so axes count from the front. */
export type NodeAttributes = Readonly<Record<string, number | readonly number[] | string>>;

/** Puts an ONNX graph together node by node. Every method gives the name of the value it made. */
export class GraphBuilder {
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #nodes: OnnxNode[] = [];
  readonly #constants: OnnxConstant[] = [];
  readonly #untyped: string[] = [];

  /** A named axis in `dims` is open. */
  input(name: string, type: TensorType, dims: readonly (number | string)[]): string {
    this.#inputs.push({ name, type, dims });
    return name;
  }

  /** Gives `value` to the outside under `name`. */
  output(name: string, value: string, type: TensorType, dims: readonly (number | string)[]): void {
    this.#nodes.push({ operator: "Identity", inputs: [value], outputs: [name] });
    this.#outputs.push({ name, type, dims });
  }

  /** A float32 constant. Default shape: a list. */
  floats(values: readonly number[] | Float32Array, dims: readonly number[] = [values.length]): string {
    return this.#constant({ type: "float32", dims, data: Float32Array.from(values) });
  }

  /** An int64 constant, as shapes and axes are. Default shape: a list. */
  integers(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.#constant({ type: "int64", dims, data: BigInt64Array.from(values, BigInt) });
  }

  /** A float32 constant without axes. */
  scalar(value: number): string {
    return this.floats([value], []);
  }

  /** A node with one output. An empty name among `inputs` leaves an optional input out. */
  node(operator: string, inputs: readonly string[], attributes: NodeAttributes = {}): string {
    const output = `${operator}_${this.#nodes.length}`;
    const of = <Kind>(is: (value: unknown) => boolean) =>
      Object.fromEntries(Object.entries(attributes).filter(([, value]) => is(value))) as Record<string, Kind>;
    this.#nodes.push({
      operator,
      inputs,
      outputs: [output],
      integerAttributes: of<number>((value) => typeof value === "number"),
      integerListAttributes: of<readonly number[]>((value) => Array.isArray(value)),
      stringAttributes: of<string>((value) => typeof value === "string"),
    });
    return output;
  }

  cast(value: string, type: keyof typeof castTargets): string {
    return this.node("Cast", [value], { to: castTargets[type] });
  }

  concat(values: readonly string[], axis: number): string {
    return this.node("Concat", values, { axis });
  }

  /** `value[start..end)` along one axis. */
  slice(value: string, axis: number, start: number, end: number): string {
    return this.node("Slice", [value, this.integers([start]), this.integers([end]), this.integers([axis])]);
  }

  reshape(value: string, dims: readonly number[]): string {
    return this.node("Reshape", [value, this.integers(dims)]);
  }

  unsqueeze(value: string, ...axes: readonly number[]): string {
    return this.node("Unsqueeze", [value, this.integers(axes)]);
  }

  squeeze(value: string, ...axes: readonly number[]): string {
    return this.node("Squeeze", [value, this.integers(axes)]);
  }

  sum(value: string, axis: number, keepDims = false): string {
    return this.node("ReduceSum", [value, this.integers([axis])], { keepdims: keepDims ? 1 : 0 });
  }

  maximum(value: string, axis: number, keepDims = false): string {
    return this.node("ReduceMax", [value], { axes: [axis], keepdims: keepDims ? 1 : 0 });
  }

  clip(value: string, low: number, high: number): string {
    return this.node("Clip", [value, this.scalar(low), this.scalar(high)]);
  }

  /** Length of one axis, int64 `[1]`. */
  lengthOf(value: string, axis: number): string {
    return this.slice(this.node("Shape", [value]), 0, axis, axis + 1);
  }

  /** 1.0 where equal to a whole number, else 0.0. */
  isEqual(value: string, wanted: number): string {
    return this.cast(this.node("Equal", [value, this.scalar(wanted)]), "float32");
  }

  /** Bilinear with half-pixel centres, without corner alignment and antialias. `sizes` is int64, one for each axis. */
  resize(value: string, sizes: string): string {
    return this.node("Resize", [value, "", "", sizes], {
      mode: "linear",
      coordinate_transformation_mode: "half_pixel",
    });
  }

  /** Appends zeros at the end of the channel axis of a `[1, channels, …]` value. */
  padChannels(value: string, channelsNow: number, channels: number): string {
    if (channelsNow === channels) return value;
    return this.node("Pad", [value, this.integers([0, 0, 0, 0, 0, channels - channelsNow, 0, 0])]);
  }

  /** Has the graph call a value a tensor of no type. */
  untype(value: string): void {
    this.#untyped.push(value);
  }

  /** The ONNX file. */
  write(): Uint8Array {
    return writeOnnxModel({
      inputs: this.#inputs,
      nodes: this.#nodes,
      outputs: this.#outputs,
      constants: this.#constants,
      untypedValues: this.#untyped,
    });
  }

  #constant(tensor: Tensor): string {
    const name = `constant_${this.#constants.length}`;
    this.#constants.push({ name, tensor });
    return name;
  }
}

/** Numbers of `TensorProto.DataType`. */
const castTargets = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
