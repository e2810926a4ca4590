import type { Graph } from "../backend/runtime.js";
import type { TensorInfo } from "../backend/tensor.js";
import { MaskeryError } from "../errors.js";
import type { ModelSpec } from "./model-spec.js";

/**
 * Compares the sizes that a description states with those that the graphs fix, so that a wrong description fails when the
 * model is loaded and not with its first picture. Sizes that a graph leaves open are not looked at.
 * @throws MaskeryError `MODEL_CORRUPT` naming the member of the description at fault.
 */
export function checkGraphSizes(
  spec: ModelSpec,
  encoder: Pick<Graph, "inputs">,
  decoder: Pick<Graph, "inputs">,
): void {
  const picture = encoder.inputs.find(isPicture);
  if (picture) checkSides(spec, "image.size", spec.image.size, picture);
  const maskInput = decoder.inputs.find(({ name }) => name === "mask_input");
  if (maskInput && spec.maskInputSize !== undefined)
    checkSides(spec, "maskInputSize", spec.maskInputSize, maskInput);
}

/** `[batch, 3, height, width]`. Graphs that take rows of pixels prepare the picture themselves and fix no size. */
function isPicture({ dims }: TensorInfo): boolean {
  return dims.length === 4 && (dims[1] === 3 || dims[1] === null);
}

function checkSides(spec: ModelSpec, member: string, side: number, { name, dims }: TensorInfo): void {
  const wrong = dims.slice(-2).find((found) => found !== null && found !== side);
  if (wrong === undefined) return;
  throw new MaskeryError(
    "MODEL_CORRUPT",
    `${spec.id}: ${member} is ${side}, but the graph's input ${name} is [${dims.map((dim) => dim ?? "?").join(", ")}]`,
  );
}
