import { type DeviceVerdict, describeMs } from "./device-verdict.js";
import type { DeviceCandidate } from "./devices.js";
import { differenceFromGolden, type GoldenCheck, goldenCheck, speedCheck } from "./golden/golden-check.js";
import { startGraphThread } from "./graph-worker-thread.js";
import {
  type ProbeJob,
  type ProbeProcess,
  rethrowAbort,
  startProbeProcess,
  toNamedTensors,
} from "./probe-process.js";
import { memorySettings } from "./session-settings.js";
import { defaultThreadCount } from "./thread-count.js";

export interface ExaminationOptions {
  readonly signal?: AbortSignal | undefined;
  /** The longest that one step of the check may take. */
  readonly timeoutMs: number;
  /** Another check, for tests. */
  readonly golden?: (precision: "float32" | "float16") => GoldenCheck;
  /** Another probe program, for tests. */
  readonly program?: string;
  /** For reports: the engine's own list of what it is built with. */
  readonly onBackends?: (backends: readonly string[]) => void;
}

/** Enough for a steady figure; a device that needs longer is slow, and need not be timed again. */
const speedRuns = 4;
const speedEnoughMs = 1500;

/**
 * Runs the golden graph on a device, in a process that may die of it, and times it against the processor.
 * @throws MaskeryError `ABORTED` or `TIMEOUT` when the caller's signal fires; every trouble of the device is a verdict.
 */
export async function examineDevice(
  candidate: DeviceCandidate,
  options: ExaminationOptions,
): Promise<DeviceVerdict> {
  const { golden = goldenCheck } = options;
  const probe = startProbeProcess(options);
  const verdict = (found: Omit<DeviceVerdict, "checkedAt">): DeviceVerdict => ({
    ...found,
    checkedAt: Date.now(),
  });
  try {
    const answer = await askGolden(probe, candidate, golden("float32"), options);
    if (answer.outcome !== "right") return verdict({ works: false, reason: answer.reason });
    const half = await askGolden(probe, candidate, golden("float16"), {});
    // A device that dies of half precision must not take its other answers back, but it cannot be timed any more.
    const timed = candidate.id !== "cpu" && !half.processEnded;
    const speed = timed ? await compareSpeed(probe, candidate) : undefined;
    return verdict({
      works: true,
      reason: `it answered the golden graph rightly${speed === undefined ? "" : `, in ${describeMs(speed.deviceMs)} for work that takes the processor ${describeMs(speed.processorMs)}`}`,
      halfPrecision: half.outcome,
      ...speed,
    });
  } finally {
    probe.end();
  }
}

interface GoldenAnswer {
  readonly outcome: "right" | "wrong" | "failed";
  readonly reason: string;
  readonly processEnded: boolean;
}

async function askGolden(
  probe: ProbeProcess,
  candidate: DeviceCandidate,
  check: GoldenCheck,
  { onBackends }: Pick<ExaminationOptions, "onBackends">,
): Promise<GoldenAnswer> {
  try {
    const result = await probe.run({
      ...(await jobFor(candidate, check)),
      outputs: Object.keys(check.expected),
      mostRuns: 1,
      enoughMs: 0,
    });
    if (result.kind === "failed")
      return { outcome: "failed", reason: oneLine(result.message), processEnded: false };
    onBackends?.(result.backends);
    const difference = differenceFromGolden(check, toNamedTensors(result.outputs));
    return difference === undefined
      ? { outcome: "right", reason: "", processEnded: false }
      : {
          outcome: "wrong",
          reason: `it answered the golden graph wrongly (${difference})`,
          processEnded: false,
        };
  } catch (error) {
    rethrowAbort(error);
    return { outcome: "failed", reason: oneLine((error as Error).message), processEnded: true };
  }
}

async function compareSpeed(
  probe: ProbeProcess,
  candidate: DeviceCandidate,
): Promise<{ readonly deviceMs: number; readonly processorMs: number } | undefined> {
  const check = speedCheck();
  const job = {
    ...(await jobFor(candidate, check)),
    outputs: ["mean"],
    mostRuns: speedRuns,
    enoughMs: speedEnoughMs,
  };
  try {
    const result = await probe.run(job);
    if (result.kind === "failed") return undefined;
    return { deviceMs: Math.min(...result.runMs), processorMs: await timeProcessor(job, check) };
  } catch (error) {
    rethrowAbort(error);
    return undefined;
  }
}

/** The processor needs no process of its own. */
async function timeProcessor(job: ProbeJob, check: ReturnType<typeof speedCheck>): Promise<number> {
  const starting = startGraphThread({
    setup: { ...job.setup, executionProviders: ["cpu"] },
    transfer: [],
    model: "speed check",
    device: "cpu",
  });
  try {
    const thread = await starting.ready;
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < speedRuns; run++) {
      const startedAt = performance.now();
      await thread.run({ feeds: check.feeds, outputs: job.outputs, transfer: [], keep: [] });
      best = Math.min(best, performance.now() - startedAt);
    }
    return best;
  } finally {
    await starting.stop();
  }
}

async function jobFor(
  candidate: DeviceCandidate,
  { model, feeds }: Pick<GoldenCheck, "model" | "feeds">,
): Promise<Pick<ProbeJob, "setup" | "feeds">> {
  return {
    setup: {
      model,
      externalData: [],
      executionProviders: candidate.executionProviders,
      threads: await defaultThreadCount(),
      ...memorySettings(candidate),
    },
    feeds: Object.entries(feeds),
  };
}

/** The engine's messages are long and name source files; what matters stands at their end. */
function oneLine(message: string): string {
  const text = message.replace(/\s+/g, " ").trim();
  return text.length > 300 ? `… ${text.slice(-300)}` : text;
}
