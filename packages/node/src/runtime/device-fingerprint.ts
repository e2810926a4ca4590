import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import type { DeviceId } from "./devices.js";
import { enginePackage } from "./engine-package.js";
import { goldenVersion } from "./golden/golden-check.js";

/** What decides which GPU a driver shows, or which driver is loaded. */
const telling = [
  "CUDA_VISIBLE_DEVICES",
  "LD_LIBRARY_PATH",
  "NVIDIA_VISIBLE_DEVICES",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
] as const;

const vulkanDriverFolders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/**
 * Names a device together with all that a verdict about it depends on: the engine, its libraries, the driver as far as it
 * shows, and our own check. Another fingerprint is another device.
 */
export function deviceFingerprint(device: DeviceId): string {
  const facts = [
    device,
    enginePackage().name,
    process.platform,
    process.arch,
    release(),
    goldenVersion(),
    readText("/proc/driver/nvidia/version"),
    ...librariesOf(enginePackage().libraryFolder),
    ...vulkanDriverFolders.flatMap(namesAndTimes),
    ...telling.map((name) => process.env[name] ?? ""),
  ];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

function librariesOf(folder: string | undefined): string[] {
  return folder === undefined ? [] : namesAndTimes(folder);
}

function namesAndTimes(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(join(folder, name));
        return `${name} ${size} ${mtimeMs}`;
      });
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
