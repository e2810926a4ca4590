import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import { deviceFingerprint } from "./device-fingerprint.js";
import type { DeviceVerdict } from "./device-verdict.js";
import { type DeviceCandidate, type DeviceId, findDevices } from "./devices.js";

export const processor = findDevices().find(({ id }) => id === "cpu")!;

/** A device that calls itself an accelerator, and runs on whatever the engine is told. */
export function pretendedDevice(id: DeviceId, changes: Partial<DeviceCandidate> = {}): DeviceCandidate {
  return { ...processor, id, title: `Pretended ${id}`, executionProviders: ["cpu"], ...changes };
}

/** Folders that go when the test is over. */
export function temporaryFolders(): () => Promise<string> {
  const folders: string[] = [];
  afterEach(async () => {
    await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  });
  return async () => {
    const folder = await mkdtemp(join(tmpdir(), "maskery-devices-"));
    folders.push(folder);
    return folder;
  };
}

/** Writes a verdict file as an earlier process would have left it. */
export async function writeVerdictFile(
  path: string,
  verdicts: Partial<Record<DeviceId, Partial<DeviceVerdict>>>,
): Promise<void> {
  const entries = Object.entries(verdicts).map(([device, verdict]) => [
    deviceFingerprint(device as DeviceId),
    { works: true, reason: "it worked earlier", checkedAt: Date.now(), ...verdict },
  ]);
  await writeFile(path, JSON.stringify({ version: 1, verdicts: Object.fromEntries(entries) }));
}
