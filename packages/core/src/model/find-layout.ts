import type { Graph } from "../backend/runtime.js";
import type { TensorInfo } from "../backend/tensor.js";
import { MaskeryError } from "../errors.js";
import type { Layout, LayoutName } from "./layout.js";
import { edgeSam } from "./layouts/edgesam.js";
import { efficientSam } from "./layouts/efficientsam.js";
import { efficientVitSam } from "./layouts/efficientvit-sam.js";
import { sam1 } from "./layouts/sam1.js";
import { sam1HuggingFace } from "./layouts/sam1-hf.js";
import { sam1Preprocess } from "./layouts/sam1-preprocess.js";
import { sam2HuggingFace } from "./layouts/sam2-hf.js";
import { sam2Ibai } from "./layouts/sam2-ibai.js";
import { sam2Osam } from "./layouts/sam2-osam.js";
import { sam2Samexporter } from "./layouts/sam2-samexporter.js";

/** In the order in which they are tried: `sam2-ibai` has all tensors of `sam2-samexporter` and one more. */
const layouts = {
  "sam2-hf": sam2HuggingFace,
  "sam1-hf": sam1HuggingFace,
  "sam2-osam": sam2Osam,
  "sam2-ibai": sam2Ibai,
  "sam2-samexporter": sam2Samexporter,
  sam1: sam1,
  "sam1-preprocess": sam1Preprocess,
  efficientsam: efficientSam,
  edgesam: edgeSam,
  "efficientvit-sam": efficientVitSam,
} satisfies Record<LayoutName, Layout>;

type GraphTensors = Pick<Graph, "inputs" | "outputs">;

export function findLayout(name: LayoutName): Layout {
  return layouts[name];
}

/**
 * Tells by names, order and axes of their tensors which published arrangement a pair of loaded graphs follows.
 * @throws MaskeryError `MODEL_CORRUPT` naming the tensors that were found, when no layout fits.
 */
export function detectLayout(encoder: GraphTensors, decoder: GraphTensors): Layout {
  const found = Object.values<Layout>(layouts).find((layout) => fits(layout, encoder, decoder));
  if (found) return found;
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `layout: expected graphs in a known arrangement of tensors (${Object.keys(layouts).join(", ")}), ` +
      `received an encoder ${describeGraph(encoder)} and a decoder ${describeGraph(decoder)}`,
  );
}

function fits(layout: Layout, encoder: GraphTensors, decoder: GraphTensors): boolean {
  try {
    layout.check(encoder, decoder);
    return true;
  } catch (error) {
    if (MaskeryError.is(error) && error.code === "MODEL_CORRUPT") return false;
    throw error;
  }
}

function describeGraph({ inputs, outputs }: GraphTensors): string {
  return `(${describeTensors(inputs)}) → (${describeTensors(outputs)})`;
}

function describeTensors(tensors: readonly TensorInfo[]): string {
  return tensors.map(({ name, dims }) => `${name} [${dims.map((dim) => dim ?? "?").join(", ")}]`).join("; ");
}
