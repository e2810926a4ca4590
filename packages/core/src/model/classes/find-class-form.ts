import { MaskeryError } from "../../errors.js";
import { boxMasks } from "./box-masks.js";
import { type ClassForm, describeTensors, type GraphTensors } from "./class-form.js";
import type { ClassFormName, ClassModelSpec } from "./class-model-spec.js";
import { classPlanes } from "./class-planes.js";
import { prototypeMasks } from "./prototype-masks.js";
import { queryMasks } from "./query-masks.js";

/** In the order in which they are tried: the most particular first. */
const forms: Readonly<Record<ClassFormName, ClassForm>> = {
  "query-masks": queryMasks,
  "box-masks": boxMasks,
  "prototype-masks": prototypeMasks,
  "class-planes": classPlanes,
};

/** A form with the names that one graph gives its outputs. */
export interface BoundForm {
  readonly name: ClassFormName;
  /** Outputs that are read. */
  readonly outputs: readonly string[];
  readonly read: (...args: DropSecond<Parameters<ClassForm["read"]>>) => ReturnType<ClassForm["read"]>;
}

type DropSecond<Args> = Args extends [infer First, unknown, ...infer Rest] ? [First, ...Rest] : never;

/**
 * The form that a description names, or the one that the graph's tensors show.
 * @throws MaskeryError `MODEL_CORRUPT` naming the tensors that were found, when the graph does not fit.
 */
export function bindClassForm(spec: ClassModelSpec, graph: GraphTensors): BoundForm {
  // Only planes can be named by the description.
  const stated = spec.form ?? (spec.output === undefined ? undefined : "class-planes");
  if (stated !== undefined) return bind(forms[stated], spec, graph);
  for (const form of Object.values(forms)) {
    try {
      return bind(form, spec, graph);
    } catch (error) {
      if (!MaskeryError.is(error) || error.code !== "MODEL_CORRUPT") throw error;
    }
  }
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${spec.id}: expected a graph in a known form (${Object.keys(forms).join(", ")}), received ${describeTensors(graph)}`,
  );
}

function bind(form: ClassForm, spec: ClassModelSpec, graph: GraphTensors): BoundForm {
  const names = form.outputs(graph, spec);
  return {
    name: form.name,
    outputs: Object.values(names),
    read: (tensors, context) => form.read(tensors, names, context),
  };
}
