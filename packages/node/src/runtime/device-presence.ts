import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { enginePackage } from "./engine-package.js";

/** What a device lacks here: undefined when nothing speaks against trying it. */
export type DevicePresence =
  | {
      readonly reason: string;
      /** What to do about it. */
      readonly advice: string;
      /** Whether an attempt by name is pointless too. */
      readonly certain: boolean;
    }
  | undefined;

/** What is looked at; tests bring their own. */
export interface DeviceSurroundings {
  readonly libraryFolder: string | undefined;
  exists(path: string): boolean;
  names(folder: string): readonly string[];
}

const thisMachine: DeviceSurroundings = {
  get libraryFolder() {
    return enginePackage().libraryFolder;
  },
  exists: existsSync,
  names: (folder) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  },
};

const installAdvice = "see docs/install.md, NVIDIA GPUs";

/** Finds out with a look at the file system what would otherwise cost the start of a process. */
export function missingFor(device: string, surroundings: DeviceSurroundings = thisMachine): DevicePresence {
  switch (device) {
    case "cuda":
      return missingLibraries(["shared", "cuda"], surroundings) ?? missingNvidiaDriver(surroundings);
    case "tensorrt":
      return (
        missingLibraries(["shared", "cuda", "tensorrt"], surroundings) ?? missingNvidiaDriver(surroundings)
      );
    case "webgpu":
      return process.platform === "linux" ? missingGraphicsCard(surroundings) : undefined;
    default:
      return undefined;
  }
}

function missingLibraries(
  providers: readonly string[],
  { libraryFolder, exists }: DeviceSurroundings,
): DevicePresence {
  const missing = providers
    .map((provider) => `libonnxruntime_providers_${provider}.so`)
    .filter((name) => libraryFolder === undefined || !exists(join(libraryFolder, name)));
  if (missing.length === 0) return undefined;
  return {
    reason: `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not installed beside onnxruntime-node`,
    advice: `node node_modules/onnxruntime-node/script/install --onnxruntime-node-install=cuda12; ${installAdvice}`,
    certain: true,
  };
}

/** `/dev/dxg` is the GPU of Windows inside its Linux. */
function missingNvidiaDriver({ exists }: DeviceSurroundings): DevicePresence {
  if (["/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg"].some(exists)) return undefined;
  return {
    reason: "there is no NVIDIA driver (/dev/nvidiactl is missing)",
    advice: `install the driver, or start the container with GPUs (docker run --gpus all); ${installAdvice}`,
    certain: true,
  };
}

/** Without a graphics card Vulkan is imitated by a program, which is far slower than the processor's own kernels. */
function missingGraphicsCard({ exists, names }: DeviceSurroundings): DevicePresence {
  const found =
    names("/dev/dri").some((name) => name.startsWith("renderD")) ||
    ["/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg"].some(exists);
  if (found) return undefined;
  return {
    reason: "there is no graphics card (/dev/dri has no render node)",
    advice:
      "install its driver with Vulkan, or give the container its devices (docker run --device /dev/dri)",
    // A software Vulkan driver serves whoever names the device.
    certain: false,
  };
}
