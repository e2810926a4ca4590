import type { TensorDataByType, TensorType } from "@maskery/core";

/** The array that carries each element type, with a way to copy one into a buffer of its own. */
export const tensorArrays: {
  readonly [Type in TensorType]: {
    readonly title: string;
    is(value: unknown): value is TensorDataByType[Type];
    copy(data: TensorDataByType[Type]): TensorDataByType[Type];
  };
} = {
  float32: {
    title: "Float32Array",
    is: (value) => value instanceof Float32Array,
    copy: (data) => new Float32Array(data),
  },
  float16: {
    title: "Uint16Array",
    is: (value) => value instanceof Uint16Array,
    copy: (data) => new Uint16Array(data),
  },
  int32: {
    title: "Int32Array",
    is: (value) => value instanceof Int32Array,
    copy: (data) => new Int32Array(data),
  },
  int64: {
    title: "BigInt64Array",
    is: (value) => value instanceof BigInt64Array,
    copy: (data) => new BigInt64Array(data),
  },
  uint8: {
    title: "Uint8Array",
    is: (value) => value instanceof Uint8Array,
    copy: (data) => new Uint8Array(data),
  },
  bool: {
    title: "Uint8Array",
    is: (value) => value instanceof Uint8Array,
    copy: (data) => new Uint8Array(data),
  },
};

export function isTensorType(type: string): type is TensorType {
  return Object.hasOwn(tensorArrays, type);
}
