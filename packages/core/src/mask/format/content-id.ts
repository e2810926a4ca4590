import type { Platform } from "../../backend/platform.js";
import type { Mask } from "../mask.js";

/** Changes when the same pixels would get another id. */
const FORM = "maskery-mask-1";

/**
 * A name for a mask's pixels: equal masks of equal size have equal ids on every platform, whatever else they carry (score,
 * logits and soft edge do not count).
 * @returns Lower-case hex SHA-256 over a fixed tag, width, height and the run lengths as 32-bit numbers, lowest byte first.
 */
export function maskContentId(mask: Mask, sha256: Platform["sha256"]): Promise<string> {
  const bytes = new Uint8Array(8 + mask.runs.length * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, mask.width, true);
  view.setUint32(4, mask.height, true);
  mask.runs.forEach((length, index) => view.setUint32(8 + index * 4, length, true));
  return sha256([new TextEncoder().encode(FORM), bytes]);
}
