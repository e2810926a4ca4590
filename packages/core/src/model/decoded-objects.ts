import type { NamedTensors, Tensor } from "../backend/tensor.js";
import { MaskeryError } from "../errors.js";
import type { FrameFit } from "../image/frame-fit.js";
import type { LogitsPlane } from "../mask/logits-plane.js";
import type { DecodedObject } from "./layout.js";

/** Names of the outputs that hold the planes and their predicted IoU. */
export interface DecodedOutputNames {
  readonly masks: string;
  readonly scores: string;
}

/**
 * Reads the planes of several objects, whatever leading axes an export gave them: `[…, candidates, height, width]` logits over
 * the model's whole frame with scores `[…, candidates]`, where the leading axes together count the objects.
 * @throws MaskeryError `INFERENCE_FAILED` when the outputs have other types or sizes.
 */
export function readDecodedObjects(
  outputs: NamedTensors,
  names: DecodedOutputNames,
  objects: number,
  fit: FrameFit,
): DecodedObject[] {
  const masks = outputs[names.masks];
  const scores = outputs[names.scores];
  const [candidates = 0, height = 0, width = 0] = masks?.dims.slice(-3) ?? [];
  const planeLength = height * width;
  const wanted = `float32 for ${objects} objects`;
  if (masks?.type !== "float32" || masks.data.length !== objects * candidates * planeLength) {
    throw unexpectedOutput(names.masks, `${wanted}, [..., candidates, height, width]`, masks);
  }
  if (scores?.type !== "float32" || scores.data.length !== objects * candidates) {
    throw unexpectedOutput(names.scores, `${wanted} with ${candidates} candidates`, scores);
  }
  return Array.from({ length: objects }, (_, object) => ({
    planes: Array.from({ length: candidates }, (_, candidate): LogitsPlane => {
      const start = (object * candidates + candidate) * planeLength;
      return {
        // A copy: a kept mask must not hold on to the whole batch.
        data: masks.data.slice(start, start + planeLength),
        width,
        height,
        scaleX: (fit.scaleX * width) / fit.size,
        scaleY: (fit.scaleY * height) / fit.size,
      };
    }),
    scores: Array.from(scores.data.subarray(object * candidates, (object + 1) * candidates)),
  }));
}

function unexpectedOutput(name: string, expected: string, found: Tensor | undefined): MaskeryError {
  const received = found ? `${found.type} [${found.dims.join(", ")}]` : "nothing";
  return new MaskeryError("INFERENCE_FAILED", `${name}: expected ${expected}, received ${received}`);
}
