import { describeValue, MaskeryError, type RuntimeDevice } from "@maskery/core";

/** A device that may work here, with the names under which onnxruntime knows it. */
export interface DeviceCandidate extends RuntimeDevice {
  readonly executionProviders: readonly string[];
}

/** Devices of this machine, best first. Accelerators will rank before the processor. */
export function findDevices(): readonly DeviceCandidate[] {
  return [{ id: "cpu", title: "Processor", executionProviders: ["cpu"] }];
}

/**
 * The devices to try, in order.
 * @throws MaskeryError `DEVICE_UNAVAILABLE` for a name that is not among them.
 */
export function chooseDevices(
  candidates: readonly DeviceCandidate[],
  wanted = "auto",
): readonly DeviceCandidate[] {
  if (wanted === "auto") return candidates;
  const chosen = candidates.filter((candidate) => candidate.id === wanted);
  if (chosen.length > 0) return chosen;
  const known = ["auto", ...candidates.map((candidate) => candidate.id)].join(", ");
  throw new MaskeryError(
    "DEVICE_UNAVAILABLE",
    `device: expected one of ${known}, received ${describeValue(wanted)}`,
    {
      field: "device",
    },
  );
}
