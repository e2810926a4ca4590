/** Element types that cross the runtime border, with the array that carries each. */
export interface TensorDataByType {
  readonly float32: Float32Array;
  /** IEEE 754 half precision bit patterns. */
  readonly float16: Uint16Array;
  readonly int32: Int32Array;
  readonly int64: BigInt64Array;
  readonly uint8: Uint8Array;
  /** One byte per element, 0 or 1. */
  readonly bool: Uint8Array;
}

export type TensorType = keyof TensorDataByType;

/** A dense row-major tensor. `data.length` is the product of `dims`. */
export type Tensor = {
  [Type in TensorType]: {
    readonly type: Type;
    readonly dims: readonly number[];
    readonly data: TensorDataByType[Type];
  };
}[TensorType];

export type TensorOf<Type extends TensorType> = Extract<Tensor, { readonly type: Type }>;

/** What a loaded graph says about one of its inputs or outputs. */
export interface TensorInfo {
  readonly name: string;
  readonly type: TensorType;
  /** One entry per axis: its length, or `null` where the graph leaves it open. */
  readonly dims: readonly (number | null)[];
}

export type NamedTensors = Readonly<Record<string, Tensor>>;

export function float32Tensor(data: Float32Array, dims: readonly number[]): TensorOf<"float32"> {
  return { type: "float32", data, dims };
}
