import type { ModelStore } from "../../backend/model-store.js";
import { MaskeryError } from "../../errors.js";
import type { ClassModelSpec } from "../../model/classes/class-model-spec.js";
import type { ForegroundModelSpec } from "../../model/foreground/foreground-model-spec.js";
import type { DrawnColour } from "./colour-classes.js";

/** A small graph in one published arrangement of tensors, with the description that a catalogue would hold for it. */
export interface ClassGraphModel {
  readonly spec: ClassModelSpec;
  /** ONNX file. */
  readonly model: Uint8Array;
  /** What the graph calls each colour of the drawn pictures; a colour without a name is never a segment. */
  readonly classes: { readonly [Colour in DrawnColour]?: string };
  /** Overlap with what was drawn that the arrangement allows. */
  readonly leastIou: number;
}

export interface ForegroundGraphModel {
  readonly spec: ForegroundModelSpec;
  readonly model: Uint8Array;
}

export function classSpec(id: string, rest: Omit<ClassModelSpec, IdentityMember>): ClassModelSpec {
  return { task: "classes", ...identity(id), ...rest };
}

export function foregroundSpec(
  id: string,
  rest: Omit<ForegroundModelSpec, IdentityMember>,
): ForegroundModelSpec {
  return { task: "foreground", ...identity(id), ...rest };
}

type IdentityMember = "task" | keyof ReturnType<typeof identity>;

function identity(id: string) {
  return {
    id: `colours-${id}`,
    title: `Colours as ${id}`,
    family: "colours",
    version: "1",
    license: "Apache-2.0",
    files: { model: { name: "model.onnx" } },
  };
}

/** A store that holds the one file of such a model in memory. */
export function oneGraphStore(model: Uint8Array): ModelStore {
  return {
    contractVersion: 1,
    name: "one graph",
    async fetch(file) {
      if (file.name !== "model.onnx")
        throw new MaskeryError("MODEL_NOT_FOUND", `${file.name}: no such graph`);
      // A copy, because a runtime may take the buffer to another thread.
      return { kind: "bytes", bytes: model.slice() };
    },
  };
}
