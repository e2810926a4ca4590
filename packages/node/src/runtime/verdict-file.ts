import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { userCacheFolder } from "../files/user-cache-folder.js";
import { writeWholeFile } from "../files/write-whole-file.js";
import { type DeviceVerdict, parseVerdict } from "./device-verdict.js";

/** Verdicts of other machines, drivers and versions that share the folder. */
const mostEntries = 32;

const fileVersion = 1;

/** Where verdicts outlive the process. */
export function defaultVerdictFile(): string {
  return join(userCacheFolder(), "devices.json");
}

/** @returns Verdicts by fingerprint; none when the file is missing, broken or of another version. */
export async function readVerdicts(path: string): Promise<Map<string, DeviceVerdict>> {
  const verdicts = new Map<string, DeviceVerdict>();
  try {
    const content = JSON.parse(await readFile(path, "utf8")) as { version?: unknown; verdicts?: unknown };
    if (content.version !== fileVersion) return verdicts;
    for (const [fingerprint, value] of Object.entries(content.verdicts as object)) {
      const verdict = parseVerdict(value);
      if (verdict) verdicts.set(fingerprint, verdict);
    }
  } catch {
    // The devices are simply checked again.
  }
  return verdicts;
}

/** Adds one verdict. A folder that cannot be written to costs the next process a check, and nothing else. */
export async function writeVerdict(path: string, fingerprint: string, verdict: DeviceVerdict): Promise<void> {
  try {
    const verdicts = await readVerdicts(path);
    verdicts.set(fingerprint, verdict);
    const newest = [...verdicts].sort(([, left], [, right]) => right.checkedAt - left.checkedAt);
    const content = { version: fileVersion, verdicts: Object.fromEntries(newest.slice(0, mostEntries)) };
    await mkdir(dirname(path), { recursive: true });
    await writeWholeFile(path, [Buffer.from(`${JSON.stringify(content, null, 2)}\n`)]);
  } catch {
    // See above.
  }
}
