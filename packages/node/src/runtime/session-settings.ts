import type { DeviceCandidate } from "./devices.js";
import type { GraphWorkerSetup } from "./graph-protocol.js";

/** How the engine deals with memory; the measurements behind it are in docs/devices.md. */
export function memorySettings({
  memoryPattern,
}: Pick<DeviceCandidate, "memoryPattern">): Pick<GraphWorkerSetup, "memoryArena" | "memoryPattern"> {
  return { memoryArena: true, memoryPattern };
}
