import type { CallOptions } from "@maskery/core";
import { deviceFingerprint } from "../runtime/device-fingerprint.js";
import { tooSlow } from "../runtime/device-verdict.js";
import { type DeviceCandidate, findDevices } from "../runtime/devices.js";
import { examineDevice } from "../runtime/examine-device.js";
import { canStartProbeProcess } from "../runtime/probe-process.js";
import { defaultVerdictFile, writeVerdict } from "../runtime/verdict-file.js";

export interface DeviceDiagnosis {
  readonly device: string;
  readonly title: string;
  /** `"absent"`: not tried, because something it needs is missing. */
  readonly outcome: "works" | "fails" | "absent";
  readonly reason: string;
  readonly advice?: string;
  /** Why `"auto"` does not take it although it works. */
  readonly notByAuto?: string;
  readonly halfPrecision?: "right" | "wrong" | "failed";
  readonly deviceMs?: number;
  readonly processorMs?: number;
}

export interface DevicesReport {
  readonly devices: readonly DeviceDiagnosis[];
  /** What the engine says it is built with, by its own names. */
  readonly builtWith: readonly string[];
}

export interface DiagnoseDevicesOptions extends CallOptions {
  /** Also tries devices that seem to be absent, as far as there is any hope. */
  readonly all?: boolean;
  readonly onDevice?: (title: string) => void;
}

/** The longest that one step of a check may take. */
const TIMEOUT_MS = 120_000;

/** Checks every device afresh, and writes the verdicts down for all that start later. */
export async function diagnoseDevices(options: DiagnoseDevicesOptions): Promise<DevicesReport> {
  const devices: DeviceDiagnosis[] = [];
  let builtWith: readonly string[] = [];
  for (const candidate of findDevices()) {
    options.onDevice?.(candidate.title);
    devices.push(
      await diagnose(candidate, options, (backends) => {
        builtWith = backends;
      }),
    );
  }
  return { devices, builtWith };
}

async function diagnose(
  candidate: DeviceCandidate,
  { all = false, signal }: DiagnoseDevicesOptions,
  onBackends: (backends: readonly string[]) => void,
): Promise<DeviceDiagnosis> {
  const { id: device, title, missing, notByItself } = candidate;
  if (missing && (missing.certain || !all)) {
    return { device, title, outcome: "absent", reason: missing.reason, advice: missing.advice };
  }
  if (!canStartProbeProcess()) {
    return { device, title, outcome: "fails", reason: "this program cannot start Node to check it" };
  }
  const verdict = await examineDevice(candidate, { signal, timeoutMs: TIMEOUT_MS, onBackends });
  if (device !== "cpu") await writeVerdict(defaultVerdictFile(), deviceFingerprint(device), verdict);
  const { works, reason, halfPrecision, deviceMs, processorMs } = verdict;
  const notByAuto = device === "cpu" ? undefined : (missing?.reason ?? notByItself ?? tooSlow(verdict));
  return {
    device,
    title,
    outcome: works ? "works" : "fails",
    reason,
    ...(works && notByAuto !== undefined && { notByAuto }),
    ...(halfPrecision && { halfPrecision }),
    ...(device !== "cpu" && deviceMs !== undefined && { deviceMs }),
    ...(processorMs !== undefined && { processorMs }),
  };
}
