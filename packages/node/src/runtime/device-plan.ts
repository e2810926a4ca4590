import { type ChosenDevice, type DeviceTrial, MaskeryError, type Workload } from "@maskery/core";
import type { DeviceJudge } from "./device-judge.js";
import { type DeviceVerdict, tooSlow } from "./device-verdict.js";
import { type DeviceCandidate, namedDevice } from "./devices.js";

/** A graph smaller than this answers faster on the processor than its feeds reach a GPU. */
const LEAST_BYTES_FOR_SMALL_RUNS = 8 * 1024 * 1024;

const CANNOT_CHECK = "this program cannot start Node to check it in a process of its own";

export interface DevicePlanOptions {
  readonly wanted: string;
  readonly workload: Workload;
  /** Size of the graph's files, where known. */
  readonly graphBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export type PlannedDevice =
  | { readonly kind: "trial"; readonly trial: DeviceTrial }
  | {
      readonly kind: "device";
      readonly candidate: DeviceCandidate;
      readonly reason: string;
      readonly halfPrecision: boolean;
    };

/**
 * The devices to load a graph on, in order, each with what speaks for it; between them, those that are passed over, with
 * what speaks against them. Checks a device only when it is its turn.
 * @throws MaskeryError `DEVICE_UNAVAILABLE` for a device that was named and cannot work here.
 */
export async function* planDevices(
  candidates: readonly DeviceCandidate[],
  judge: DeviceJudge,
  options: DevicePlanOptions,
): AsyncGenerator<PlannedDevice> {
  if (options.wanted !== "auto") {
    yield planNamed(namedDevice(candidates, options.wanted), judge, options);
    return;
  }
  for (const candidate of candidates) {
    if (candidate.id === "cpu") {
      yield { kind: "device", candidate, reason: "it always works", halfPrecision: false };
      continue;
    }
    const against = unfitReason(candidate, options);
    if (against !== undefined) {
      yield { kind: "trial", trial: { device: candidate.id, outcome: "skipped", reason: against } };
      continue;
    }
    const verdict = await judge.judge(candidate, { byName: false, signal: options.signal });
    if (verdict === undefined) {
      yield { kind: "trial", trial: { device: candidate.id, outcome: "skipped", reason: CANNOT_CHECK } };
      continue;
    }
    const failure = verdict.works ? tooSlow(verdict) : verdict.reason;
    if (failure !== undefined) {
      yield { kind: "trial", trial: { device: candidate.id, outcome: "failed", reason: failure } };
      continue;
    }
    yield plannedDevice(candidate, verdict);
  }
}

async function planNamed(
  candidate: DeviceCandidate,
  judge: DeviceJudge,
  { signal }: DevicePlanOptions,
): Promise<PlannedDevice> {
  if (candidate.id === "cpu")
    return { kind: "device", candidate, reason: "it was asked for", halfPrecision: false };
  if (candidate.missing?.certain) throw deviceUnavailable(candidate, candidate.missing.reason);
  const verdict = await judge.judge(candidate, { byName: true, signal });
  if (verdict === undefined) {
    return { kind: "device", candidate, reason: `it was asked for; ${CANNOT_CHECK}`, halfPrecision: false };
  }
  if (!verdict.works) throw deviceUnavailable(candidate, verdict.reason);
  return plannedDevice(candidate, { ...verdict, reason: `it was asked for, and ${verdict.reason}` });
}

function plannedDevice(candidate: DeviceCandidate, verdict: DeviceVerdict): PlannedDevice {
  return {
    kind: "device",
    candidate,
    reason: verdict.reason,
    halfPrecision: verdict.halfPrecision === "right",
  };
}

/** Why `"auto"` does not even check a device. */
function unfitReason(
  { missing, notByItself, goodForSmallRuns }: DeviceCandidate,
  { workload, graphBytes }: DevicePlanOptions,
): string | undefined {
  if (missing) return missing.reason;
  if (notByItself) return `taken only when asked for by name: ${notByItself}`;
  if (workload === "large") return undefined;
  if (!goodForSmallRuns) return "short runs answer sooner and more reliably on the processor";
  if (graphBytes !== undefined && graphBytes < LEAST_BYTES_FOR_SMALL_RUNS) {
    return "so small a graph answers sooner on the processor than its feeds reach the device";
  }
  return undefined;
}

export function deviceUnavailable(candidate: DeviceCandidate, reason: string, cause?: unknown): MaskeryError {
  const advice = candidate.missing ? `; ${candidate.missing.advice}` : "; see docs/devices.md";
  return new MaskeryError(
    "DEVICE_UNAVAILABLE",
    `device: expected one that works here, received "${candidate.id}": ${reason}${advice}`,
    { field: "device", cause },
  );
}

export function chosenDevice({
  candidate,
  halfPrecision,
}: Extract<PlannedDevice, { kind: "device" }>): ChosenDevice {
  return { id: candidate.id, title: candidate.title, prefersHalfPrecision: halfPrecision };
}
