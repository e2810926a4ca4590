import { describeValue, MaskeryError, type RuntimeDevice } from "@maskery/core";
import { type DevicePresence, type DeviceSurroundings, missingFor } from "./device-presence.js";

export type DeviceId = "cpu" | "cuda" | "tensorrt" | "directml" | "coreml" | "webgpu";

/** A device as this runtime knows it. */
export interface DeviceCandidate extends RuntimeDevice {
  readonly id: DeviceId;
  /** The names under which onnxruntime knows it, best first; what the first cannot run falls to the processor. */
  readonly executionProviders: readonly string[];
  /** Why `"auto"` leaves it out although it may work; undefined when it does not. */
  readonly notByItself: string | undefined;
  /** Whether two graphs on it must never run at the same time. */
  readonly oneRunAtATime: boolean;
  /** Whether the engine may plan memory ahead on it. */
  readonly memoryPattern: boolean;
  /** Whether `"auto"` also gives it graphs of little work, once they are large enough. */
  readonly goodForSmallRuns: boolean;
  /** Why it cannot work here, found without trying it. */
  readonly missing: DevicePresence;
}

type DeviceDescription = Omit<DeviceCandidate, "missing">;

/**
 * What onnxruntime-node 1.30 is built with, by platform, best first (its README's table, and the names inside its
 * bindings): CUDA and TensorRT on Linux x64, DirectML on Windows, CoreML on macOS, WebGPU on all of them but Linux arm64.
 */
const idsByPlatform: Readonly<Record<string, readonly DeviceId[]>> = {
  "linux-x64": ["cuda", "tensorrt", "webgpu", "cpu"],
  "win32-x64": ["directml", "webgpu", "cpu"],
  "win32-arm64": ["directml", "webgpu", "cpu"],
  "darwin-arm64": ["webgpu", "coreml", "cpu"],
};

const common = {
  notByItself: undefined,
  oneRunAtATime: false,
  memoryPattern: true,
  goodForSmallRuns: false,
} as const;

const descriptions: Readonly<Record<DeviceId, DeviceDescription>> = {
  cuda: {
    ...common,
    id: "cuda",
    title: "NVIDIA GPU (CUDA)",
    executionProviders: ["cuda", "cpu"],
    goodForSmallRuns: true,
  },
  tensorrt: {
    ...common,
    id: "tensorrt",
    title: "NVIDIA GPU (TensorRT)",
    executionProviders: ["tensorrt", "cuda", "cpu"],
    notByItself: "it builds an engine for minutes whenever a model is loaded",
    goodForSmallRuns: true,
  },
  directml: {
    ...common,
    id: "directml",
    title: "GPU (DirectML)",
    executionProviders: ["dml", "cpu"],
    // DirectML refuses sessions that plan their memory ahead.
    memoryPattern: false,
  },
  coreml: {
    ...common,
    id: "coreml",
    title: "Apple GPU and Neural Engine (CoreML)",
    executionProviders: ["coreml", "cpu"],
    // sam-dumont/immich-video-memory-generator#810: a ViT cut into 87 pieces ran 6 to 8 times slower than on the processor.
    notByItself: "it cuts transformer models into many pieces and is then slower than the processor",
  },
  webgpu: {
    ...common,
    id: "webgpu",
    title: "GPU (WebGPU)",
    executionProviders: ["webgpu", "cpu"],
    // microsoft/onnxruntime#32561 and #27592: two sessions that run at the same time end the process.
    oneRunAtATime: true,
  },
  cpu: { ...common, id: "cpu", title: "Processor", executionProviders: ["cpu"], goodForSmallRuns: true },
};

/** Every device that this platform's engine knows, best first, with what stands in its way. Touches a few files at most. */
export function findDevices(surroundings?: DeviceSurroundings): readonly DeviceCandidate[] {
  const ids = idsByPlatform[`${process.platform}-${process.arch}`] ?? ["cpu"];
  return ids.map((id) => ({ ...descriptions[id], missing: missingFor(id, surroundings) }));
}

/**
 * A device by its name.
 * @throws MaskeryError `DEVICE_UNAVAILABLE` for a name that this platform does not have.
 */
export function namedDevice(candidates: readonly DeviceCandidate[], wanted: unknown): DeviceCandidate {
  const chosen = candidates.find(({ id }) => id === wanted);
  if (chosen) return chosen;
  const known = ["auto", ...candidates.map(({ id }) => id)].join(", ");
  const elsewhere =
    typeof wanted === "string" && Object.hasOwn(descriptions, wanted)
      ? ` (onnxruntime-node for ${process.platform}-${process.arch} is built without it)`
      : "";
  throw new MaskeryError(
    "DEVICE_UNAVAILABLE",
    `device: expected one of ${known}, received ${describeValue(wanted)}${elsewhere}`,
    { field: "device" },
  );
}
