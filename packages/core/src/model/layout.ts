import type { Graph } from "../backend/runtime.js";
import type { NamedTensors, TensorInfo } from "../backend/tensor.js";
import type { CallOptions } from "../cancellation.js";
import { MaskeryError } from "../errors.js";
import type { FrameFit } from "../image/frame-fit.js";
import type { RgbaImage } from "../image/rgba-image.js";
import type { LogitsPlane } from "../mask/logits-plane.js";
import type { Prompt } from "../prompt/prompt.js";
import type { layoutNames, ModelSpec } from "./model-spec.js";

export type LayoutName = (typeof layoutNames)[number];

/** What a layout's decoder can be asked, as data. */
export interface PromptAbilities {
  readonly points: boolean;
  readonly negativePoints: boolean;
  readonly boxes: boolean;
  readonly maskInput: boolean;
  /** Whether one run decodes several objects of one picture. */
  readonly batchObjects: boolean;
  /** Whether every prompt must have a box, whatever else it has. Default: no. */
  readonly needsBox?: boolean;
}

/** The candidates that a decoder gives for one object, in the model's order. */
export interface DecodedObject {
  readonly planes: readonly LogitsPlane[];
  /** Predicted IoU of each plane. */
  readonly scores: readonly number[];
}

/**
 * Speaks one published arrangement of ONNX tensors: turns pictures and prompts into feeds, and outputs into planes. Holds no
 * state; one file for each arrangement.
 */
export interface Layout {
  readonly name: LayoutName;
  readonly abilities: PromptAbilities;
  /** What one loaded decoder can be asked, where exports of this layout differ. Default: `abilities`. */
  abilitiesOf?(decoder: Pick<Graph, "inputs" | "outputs">): PromptAbilities;
  /** @throws MaskeryError `MODEL_CORRUPT` when the graphs do not carry this layout's tensors. */
  check(encoder: Pick<Graph, "inputs" | "outputs">, decoder: Pick<Graph, "inputs" | "outputs">): void;
  /** Encodes a picture that lies in the model's frame as `fit` says. */
  encode(
    graph: Graph,
    image: RgbaImage,
    fit: FrameFit,
    spec: ModelSpec,
    options: CallOptions,
  ): Promise<NamedTensors>;
  /** Decodes objects of one picture, in order. */
  decode(
    graph: Graph,
    embedding: NamedTensors,
    fit: FrameFit,
    prompts: readonly Prompt[],
    spec: ModelSpec,
    options: CallOptions,
  ): Promise<readonly DecodedObject[]>;
}

/** @throws MaskeryError `MODEL_CORRUPT` naming the first tensor that a graph lacks. */
export function requireTensors(
  found: readonly TensorInfo[],
  expected: readonly string[],
  where: string,
): void {
  for (const name of expected) {
    if (found.some((tensor) => tensor.name === name)) continue;
    const names = found.map((tensor) => tensor.name).join(", ");
    throw new MaskeryError("MODEL_CORRUPT", `${where}: expected a tensor named ${name}, received ${names}`);
  }
}
