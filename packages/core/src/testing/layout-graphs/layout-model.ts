import type { LayoutName } from "../../model/layout.js";
import type { ModelSpec } from "../../model/model-spec.js";
import { type FrameSides, samMean, samStd } from "./colour-encoder.js";

/** A pair of small graphs in one published arrangement of tensors, with the spec that a catalogue would hold for them. */
export interface LayoutModel {
  readonly spec: ModelSpec;
  /** ONNX files. */
  readonly encoder: Uint8Array;
  readonly decoder: Uint8Array;
}

/** Sides of a model whose masks are a quarter of its frame, as all published ones but SAM3's tracker are at 1024. */
export function quarterSides(frame: number): FrameSides {
  return { frame, plane: frame / 4 };
}

/** A spec with SAM's preprocessing; what the layout has otherwise goes into `image`. */
export function layoutSpec(
  layout: LayoutName,
  image: { readonly size: number; readonly resize: "letterbox" | "stretch" } & Partial<ModelSpec["image"]>,
  maskInputSize?: number,
): ModelSpec {
  return {
    id: `colours-${layout}`,
    title: `Colour similarity as ${layout}`,
    family: "colours",
    version: "1",
    license: "Apache-2.0",
    layout,
    files: { encoder: { name: "encoder.onnx" }, decoder: { name: "decoder.onnx" } },
    image: { mean: [...samMean], std: [...samStd], ...image },
    ...(maskInputSize !== undefined && { maskInputSize }),
  };
}
