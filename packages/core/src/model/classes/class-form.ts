import type { Graph } from "../../backend/runtime.js";
import type { NamedTensors, Tensor, TensorInfo } from "../../backend/tensor.js";
import type { CallOptions } from "../../cancellation.js";
import { MaskeryError } from "../../errors.js";
import type { ImageSize } from "../../image/rgba-image.js";
import type { Runs } from "../../mask/runs.js";
import type { ClassFormName, ClassModelSpec } from "./class-model-spec.js";
import type { PictureFrame } from "./picture-frame.js";

export type GraphTensors = Pick<Graph, "inputs" | "outputs">;

/** A segment by the number of its class. */
export interface NumberedSegment {
  readonly classNumber: number;
  readonly confidence: number;
  readonly runs: Runs;
}

/** What a form needs to know to read outputs. */
export interface ReadContext extends CallOptions {
  readonly spec: ClassModelSpec;
  /** Size of the picture; segments have it too. */
  readonly image: ImageSize;
  /** How the picture lay in the input. */
  readonly frame: PictureFrame;
  /** Names that the labels know, where they are stated. */
  readonly classCount: number | undefined;
  /** The number that is no class. */
  readonly background: number | undefined;
  /** What the caller asks for; else the model's own threshold. */
  readonly minConfidence: number | undefined;
}

/** One way of giving segments with classes, as pure functions over tensors. */
export interface ClassForm<
  Names extends Readonly<Record<string, string>> = Readonly<Record<string, string>>,
> {
  readonly name: ClassFormName;
  /**
   * Names of the outputs that are read, by the part they play.
   * @throws MaskeryError `MODEL_CORRUPT` when the graph has no such tensors.
   */
  outputs(graph: GraphTensors, spec: Pick<ClassModelSpec, "output">): Names;
  /** @throws MaskeryError `MODEL_CORRUPT` when the outputs have other types or sizes; `ABORTED`. */
  read(tensors: NamedTensors, names: Names, context: ReadContext): Promise<NumberedSegment[]>;
}

/** An output of the given type and number of axes. @throws MaskeryError `MODEL_CORRUPT` naming what came instead. */
export function floatOutput(
  tensors: NamedTensors,
  name: string,
  axes: number,
  meaning: string,
): { readonly data: Float32Array; readonly dims: readonly number[] } {
  const tensor = tensors[name];
  if (tensor?.type === "float32" && tensor.dims.length === axes) return tensor;
  throw unexpectedOutput(name, `float32 ${meaning}`, tensor);
}

export function unexpectedOutput(name: string, expected: string, found: Tensor | undefined): MaskeryError {
  const received = found ? `${found.type} [${found.dims.join(", ")}]` : "nothing";
  return new MaskeryError("MODEL_CORRUPT", `output ${name}: expected ${expected}, received ${received}`);
}

/** The error for a graph whose tensors are not those of a form. */
export function unfitGraph(form: string, expected: string, graph: GraphTensors): MaskeryError {
  return new MaskeryError(
    "MODEL_CORRUPT",
    `form ${form}: expected ${expected}, received ${describeTensors(graph)}`,
  );
}

export function describeTensors({ inputs, outputs }: GraphTensors): string {
  const list = (tensors: readonly TensorInfo[]) =>
    tensors
      .map(({ name, type, dims }) => `${name} ${type} [${dims.map((dim) => dim ?? "?").join(", ")}]`)
      .join("; ");
  return `(${list(inputs)}) → (${list(outputs)})`;
}

/** @throws MaskeryError `MODEL_CORRUPT` when labels are stated and do not number what the graph gives. */
export function checkClassCount(found: number, { classCount, spec }: ReadContext, name: string): void {
  if (classCount === undefined || classCount === found) return;
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${spec.id}: labels has ${classCount} names, but output ${name} has ${found} classes`,
  );
}
