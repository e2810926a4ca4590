import type { CallOptions } from "../cancellation.js";
import type { Prompt } from "../prompt/prompt.js";
import type { ModelPlacement } from "./placement.js";

/** Any size does: every picture is brought into the model's frame. */
const SIDE = 64;

/**
 * Runs a model once on a gray picture with one prompt, so that the first real picture does not pay for what an engine
 * settles in its first run: memory, and on GPUs the choice and compilation of kernels.
 * @throws MaskeryError as the placement's encoder and decoder.
 */
export async function warmUp({ encoder, decoder }: ModelPlacement, options: CallOptions = {}): Promise<void> {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4).fill(128);
  const embedding = await encoder.encode({ width: SIDE, height: SIDE, data }, options);
  const middle = { x: SIDE / 2, y: SIDE / 2, label: 1 } as const;
  const { points, needsBox } = decoder.abilities;
  const prompt: Prompt =
    points && !needsBox
      ? { points: [middle] }
      : { points: [], box: { x0: SIDE / 4, y0: SIDE / 4, x1: (3 * SIDE) / 4, y1: (3 * SIDE) / 4 } };
  await decoder.decode(embedding, [prompt], options);
}
