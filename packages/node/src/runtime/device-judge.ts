import { type CallOptions, SingleFlight } from "@maskery/core";
import { deviceFingerprint } from "./device-fingerprint.js";
import { type DeviceVerdict, isFresh } from "./device-verdict.js";
import type { DeviceCandidate } from "./devices.js";
import { type ExaminationOptions, examineDevice } from "./examine-device.js";
import { canStartProbeProcess } from "./probe-process.js";
import { defaultVerdictFile, readVerdicts, writeVerdict } from "./verdict-file.js";

/** A start that somebody waits for must not hang on a device that nobody asked for. */
const TIMEOUT_MS = 20_000;
const TIMEOUT_BY_NAME_MS = 120_000;

export interface DeviceJudgeOptions {
  /** Where verdicts outlive the process; null for nowhere. Default: `devices.json` in the user's cache folder. */
  readonly verdictFile?: string | null;
  /** Another check, for tests. */
  readonly examine?: Partial<Pick<ExaminationOptions, "golden" | "program" | "timeoutMs">>;
}

export interface DeviceJudge {
  /**
   * What is known of a device; checks it when nothing is. Undefined where this program cannot check devices.
   * @param options.byName - Somebody asked for it: a failure may be mended by now and is checked again.
   * @throws MaskeryError `ABORTED` or `TIMEOUT` when the signal fires.
   */
  judge(
    candidate: DeviceCandidate,
    options: CallOptions & { readonly byName: boolean },
  ): Promise<DeviceVerdict | undefined>;
}

/** Verdicts of this process, and checks that are under way in it. */
const known = new Map<string, DeviceVerdict>();
const flights = new SingleFlight<DeviceVerdict>();

export function createDeviceJudge({ verdictFile, examine = {} }: DeviceJudgeOptions = {}): DeviceJudge {
  const path = verdictFile === undefined ? defaultVerdictFile() : verdictFile;
  // A check of another kind must not pass for the usual one.
  const scope = Object.keys(examine).length === 0 ? `${path} ` : undefined;

  return {
    async judge(candidate, { byName, signal }) {
      if (!canStartProbeProcess()) return undefined;
      const fingerprint = deviceFingerprint(candidate.id);
      const usable = (verdict: DeviceVerdict | undefined) =>
        verdict !== undefined && isFresh(verdict, Date.now()) && (verdict.works || !byName)
          ? verdict
          : undefined;
      const compute = async (flightSignal?: AbortSignal) => {
        const stored = path === null ? undefined : usable((await readVerdicts(path)).get(fingerprint));
        if (stored) return stored;
        const timeoutMs = byName ? TIMEOUT_BY_NAME_MS : TIMEOUT_MS;
        const verdict = await examineDevice(candidate, { timeoutMs, ...examine, signal: flightSignal });
        if (path !== null) await writeVerdict(path, fingerprint, verdict);
        return verdict;
      };
      if (scope === undefined) return compute(signal);
      const remembered = usable(known.get(scope + fingerprint));
      if (remembered) return remembered;
      const verdict = await flights.run(`${scope}${byName} ${fingerprint}`, compute, { signal });
      known.set(scope + fingerprint, verdict);
      return verdict;
    },
  };
}
