import type { TensorType } from "../backend/tensor.js";
import { writeOnnxModel } from "./onnx-writer.js";

/**
 * `sum = left + right`, and `difference = left - right`, over float32 of shape `[rows, 2]` with `rows` left
 * open.
 */
export function sumAndDifferenceModel(): Uint8Array {
  const value = (name: string) => ({ name, type: "float32", dims: ["rows", 2] }) as const;
  return writeOnnxModel({
    inputs: [value("left"), value("right")],
    nodes: [
      { operator: "Add", inputs: ["left", "right"], outputs: ["sum"] },
      { operator: "Sub", inputs: ["left", "right"], outputs: ["difference"] },
    ],
    outputs: [value("sum"), value("difference")],
  });
}

/** `output = input`, of one element type, over an open number of elements. */
export function identityModel(type: TensorType): Uint8Array {
  return writeOnnxModel({
    inputs: [{ name: "input", type, dims: ["elements"] }],
    nodes: [{ operator: "Identity", inputs: ["input"], outputs: ["output"] }],
    outputs: [{ name: "output", type, dims: ["elements"] }],
  });
}

/**
 * `output = table[index]`: an index outside 0..2 passes every check of shapes and fails inside the engine.
 */
export function lookupModel(): Uint8Array {
  return writeOnnxModel({
    inputs: [
      { name: "table", type: "float32", dims: [3] },
      { name: "index", type: "int64", dims: ["count"] },
    ],
    nodes: [
      { operator: "Gather", inputs: ["table", "index"], outputs: ["output"], integerAttributes: { axis: 0 } },
    ],
    outputs: [{ name: "output", type: "float32", dims: ["count"] }],
  });
}

/** File that {@link shiftModel} expects beside it, and the constant in it. */
export const shiftFileName = "shift.data";
export const shiftValues: readonly number[] = [10, 20, 30];

/** `output = input + shift` over float32 `[3]`, where the constant `shift` lives in {@link shiftFileName}. */
export function shiftModel(): Uint8Array {
  return writeOnnxModel({
    inputs: [{ name: "input", type: "float32", dims: [3] }],
    nodes: [{ operator: "Add", inputs: ["input", "shift"], outputs: ["output"] }],
    outputs: [{ name: "output", type: "float32", dims: [3] }],
    externalConstants: [
      { name: "shift", type: "float32", dims: [3], fileName: shiftFileName, byteLength: 12 },
    ],
  });
}

/** Bytes of {@link shiftFileName}: little-endian float32, as ONNX wants it. */
export function shiftData(): Uint8Array {
  const bytes = new Uint8Array(shiftValues.length * 4);
  const view = new DataView(bytes.buffer);
  shiftValues.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return bytes;
}

/** Side of the square that {@link slowModel} multiplies by, and how many times it does. */
export const slowModelSide = 256;
const slowModelSteps = 96;

/**
 * Multiplies `rows × side` numbers by one `side × side` matrix again and again and returns their mean. Its
 * time grows with the number of rows, so a test can ask for a run of about the length it needs.
 */
export function slowModel(): Uint8Array {
  const names = Array.from({ length: slowModelSteps + 1 }, (_, step) =>
    step === 0 ? "rows" : `step-${step}`,
  );
  return writeOnnxModel({
    inputs: [
      { name: "rows", type: "float32", dims: ["count", slowModelSide] },
      { name: "matrix", type: "float32", dims: [slowModelSide, slowModelSide] },
    ],
    nodes: [
      ...names.slice(1).map((name, step) => ({
        operator: "MatMul",
        inputs: [names[step] as string, "matrix"],
        outputs: [name],
      })),
      {
        operator: "ReduceMean",
        inputs: [names[slowModelSteps] as string],
        outputs: ["mean"],
        integerAttributes: { keepdims: 0 },
      },
    ],
    outputs: [{ name: "mean", type: "float32", dims: [] }],
  });
}
