import type { Platform } from "../backend/platform.js";
import type { Mask } from "../mask/mask.js";
import type { Prompt } from "../prompt/prompt.js";

/** One text for prompts that mean the same: order of points, units and spelling of the box do not matter. */
export async function promptKey(prompt: Prompt, platform: Pick<Platform, "sha256">): Promise<string> {
  const points = prompt.points.map(({ x, y, label }) => `${x},${y},${label}`).sort();
  const { box } = prompt;
  return [
    points.join(";"),
    box ? `${box.x0},${box.y0},${box.x1},${box.y1}` : "",
    prompt.mask ? await maskKey(prompt.mask, platform) : "",
  ].join("/");
}

/** A mask acts on a decoder by its logits where it has them, so they belong to its key. */
function maskKey({ runs, logits }: Mask, platform: Pick<Platform, "sha256">): Promise<string> {
  const bytes = (array: Uint32Array | Float32Array) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  if (!logits) return platform.sha256([bytes(runs)]);
  const { x, y, width, height } = logits.window ?? { x: 0, y: 0, width: 0, height: 0 };
  return platform.sha256([bytes(runs), bytes(logits.data), bytes(Uint32Array.of(x, y, width, height))]);
}
