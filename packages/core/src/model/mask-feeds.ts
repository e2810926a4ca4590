import { float32Tensor, type Tensor } from "../backend/tensor.js";
import type { FrameFit } from "../image/frame-fit.js";
import { logitsForMaskInput } from "../mask/mask-input.js";
import type { Prompt } from "../prompt/prompt.js";
import type { ModelSpec } from "./model-spec.js";

/** Earlier logits are a quarter as wide as the frame in every published export of SAM and SAM2. */
const FRAME_PER_MASK_INPUT = 4;

/**
 * `mask_input [objects, 1, side, side]` and `has_mask_input [1]`: earlier masks where `withMask` says that every prompt has one,
 * else zeros that the graph ignores.
 */
export function maskFeeds(
  prompts: readonly Prompt[],
  fit: FrameFit,
  withMask: boolean,
  spec: ModelSpec,
): Record<"mask_input" | "has_mask_input", Tensor> {
  const side = spec.maskInputSize ?? fit.size / FRAME_PER_MASK_INPUT;
  const planes = new Float32Array(prompts.length * side * side);
  if (withMask) {
    prompts.forEach((prompt, object) => {
      planes.set(logitsForMaskInput(prompt.mask!, fit, side), object * side * side);
    });
  }
  return {
    mask_input: float32Tensor(planes, [prompts.length, 1, side, side]),
    has_mask_input: float32Tensor(Float32Array.of(withMask ? 1 : 0), [1]),
  };
}
