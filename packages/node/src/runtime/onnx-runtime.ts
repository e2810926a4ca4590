import {
  type ChosenDevice,
  type DeviceChoiceOptions,
  type DeviceTrial,
  describeValue,
  type Graph,
  type GraphFiles,
  type GraphLoadOptions,
  invalidInput,
  MaskeryError,
  type MaskeryErrorCode,
  type Runtime,
  throwIfAborted,
} from "@maskery/core";
import { createDeviceJudge, type DeviceJudgeOptions } from "./device-judge.js";
import { chosenDevice, deviceUnavailable, planDevices } from "./device-plan.js";
import { type DeviceCandidate, findDevices } from "./devices.js";
import { enginePackage } from "./engine-package.js";
import { graphBytes, graphIdentity } from "./graph-sources.js";
import { type GraphThread, startGraphThread } from "./graph-worker-thread.js";
import { createOnnxGraph, type OnnxGraph } from "./onnx-graph.js";
import { inTurn } from "./run-turns.js";
import { createSharedGraphs } from "./shared-graphs.js";
import { startOnDevice } from "./start-on-device.js";
import { defaultThreadCount } from "./thread-count.js";

export interface OnnxRuntimeOptions {
  /**
   * Threads for one run of a graph, unless `load` says otherwise. Default: the physical cores, at most four.
   */
  readonly threads?: number;
  /**
   * Whether loads of equal files share one session in one worker. It saves the memory and the time of the second load; runs
   * of the sharers queue up behind each other. Files given as bytes are never shared. Default true.
   */
  readonly shareGraphs?: boolean;
  /**
   * File that remembers which devices work, so that they are not checked again by every process; null for none. Default:
   * `devices.json` in `MASKERY_CACHE_DIR` or the user's cache folder. It is ignored when it cannot be read or written.
   */
  readonly verdictFile?: string | null;
}

/** What tests replace. */
export interface OnnxRuntimeParts {
  readonly candidates?: readonly DeviceCandidate[];
  readonly examine?: DeviceJudgeOptions["examine"];
  readonly startThread?: typeof startGraphThread;
}

interface Placing {
  readonly files: GraphFiles;
  readonly threads: number;
  readonly options: GraphLoadOptions;
  readonly signal: AbortSignal | undefined;
}

/** Nothing that another device could change. */
const hopelessCodes: ReadonlySet<MaskeryErrorCode> = new Set<MaskeryErrorCode>([
  "ABORTED",
  "TIMEOUT",
  "DISPOSED",
  "INVALID_INPUT",
  "MODEL_NOT_FOUND",
]);

/**
 * Runs ONNX graphs with onnxruntime-node, each in a worker thread of its own, so that the caller's thread
 * stays free. onnxruntime itself is loaded by the workers only, at the first `load`. Idle workers do not keep
 * the process alive.
 *
 * An accelerator is taken only after it answered a small graph rightly in a process of its own; see docs/devices.md.
 *
 * A graph whose worker dies loads itself again at its next run; a graph that was loaded from bytes keeps them
 * for that.
 */
export function createOnnxRuntime(options: OnnxRuntimeOptions = {}): Runtime {
  return createRuntimeFrom(options);
}

export function createRuntimeFrom(
  { threads: preferred, shareGraphs = true, verdictFile }: OnnxRuntimeOptions,
  { candidates = findDevices(), examine, startThread = startGraphThread }: OnnxRuntimeParts = {},
): Runtime {
  const preferredThreads = checkThreads(preferred);
  const judge = createDeviceJudge({
    ...(verdictFile !== undefined && { verdictFile }),
    ...(examine && { examine }),
  });
  const shared = createSharedGraphs();
  const graphs = new Set<Graph>();
  const loading = new Set<Promise<unknown>>();
  let disposed: Promise<void> | undefined;

  const load = async (files: GraphFiles, loadOptions: GraphLoadOptions = {}): Promise<Graph> => {
    checkChoice(loadOptions);
    if (disposed !== undefined) throw disposedError();
    const { signal } = loadOptions;
    throwIfAborted(signal);
    const threads = checkThreads(loadOptions.threads) ?? preferredThreads ?? (await defaultThreadCount());

    const work = loadShared({ files, threads, options: loadOptions, signal });
    loading.add(work);
    try {
      const graph = track(await work);
      if (disposed === undefined) return graph;
      await graph.dispose();
      throw disposedError();
    } finally {
      loading.delete(work);
    }
  };

  const loadShared = async (placing: Placing): Promise<Graph> => {
    const { files, threads, options: wished, signal } = placing;
    const identity = shareGraphs ? await graphIdentity(files) : undefined;
    if (identity === undefined) return (await place(placing)).handle();
    const key = JSON.stringify([identity, threads, wished.device ?? "auto", wished.workload ?? "large"]);
    return shared.load(key, signal, (sharedSignal) => place({ ...placing, signal: sharedSignal }));
  };

  /** Lets `dispose` find the graph as long as it is loaded. */
  const track = (graph: Graph): Graph => {
    const tracked: Graph = {
      ...graph,
      dispose: () => {
        graphs.delete(tracked);
        return graph.dispose();
      },
    };
    graphs.add(tracked);
    return tracked;
  };

  const dispose = (): Promise<void> => {
    disposed ??= (async () => {
      await Promise.all([...graphs].map((graph) => graph.dispose()));
      // A load that is still under way finds the runtime disposed, frees what it loaded and rejects.
      await Promise.allSettled(loading);
    })();
    return disposed;
  };

  /** Tries the planned devices in turn, until one loads the graph. */
  const place = async (placing: Placing): Promise<OnnxGraph> => {
    const { files, options: wished, signal } = placing;
    const wanted = wished.device ?? "auto";
    const trials: DeviceTrial[] = [];
    let lastError: unknown;
    const plan = planDevices(candidates, judge, {
      wanted,
      workload: wished.workload ?? "large",
      ...(wished.workload === "small" && { graphBytes: await graphBytes(files) }),
      signal,
    });
    for await (const planned of plan) {
      if (planned.kind === "trial") {
        trials.push(planned.trial);
        continue;
      }
      const { candidate, reason } = planned;
      try {
        const thread = await startOn(candidate, placing, signal);
        trials.push({ device: candidate.id, outcome: "taken", reason });
        return createOnnxGraph({
          device: candidate.id,
          deviceReport: { wanted, taken: candidate.id, trials },
          thread,
          restart: () => startOn(candidate, placing, undefined),
          ...(candidate.oneRunAtATime && { inTurn: (work) => inTurn(candidate.id, work) }),
          onDispose: () => undefined,
        });
      } catch (error) {
        if (!MaskeryError.is(error) || hopelessCodes.has(error.code)) throw error;
        if (wanted !== "auto") throw explainFailure(candidate, error);
        trials.push({
          device: candidate.id,
          outcome: "failed",
          reason: `it cannot load the model: ${error.message}`,
        });
        lastError = error;
      }
    }
    throw lastError;
  };

  const startOn = (
    candidate: DeviceCandidate,
    { files, threads }: Placing,
    signal: AbortSignal | undefined,
  ): Promise<GraphThread> => startOnDevice(candidate, { files, threads, signal, startThread });

  const chooseDevice = async (wished: DeviceChoiceOptions = {}): Promise<ChosenDevice> => {
    checkChoice(wished);
    if (disposed !== undefined) throw disposedError();
    throwIfAborted(wished.signal);
    const { device: wanted = "auto", workload = "large", signal } = wished;
    for await (const planned of planDevices(candidates, judge, { wanted, workload, signal })) {
      if (planned.kind === "device") return chosenDevice(planned);
    }
    throw new MaskeryError(
      "DEVICE_UNAVAILABLE",
      "device: expected one that works here, received none at all",
    );
  };

  return {
    contractVersion: 1,
    name: enginePackage().name,
    devices: candidates.filter(({ missing }) => !missing).map(({ id, title }) => ({ id, title })),
    load,
    chooseDevice,
    dispose,
  };
}

/** A device that was asked for worked in the check, so the graph does not suit it; unless the engine itself says more. */
function explainFailure(candidate: DeviceCandidate, error: MaskeryError): MaskeryError {
  if (candidate.id === "cpu" || error.code !== "DEVICE_UNAVAILABLE") return error;
  return deviceUnavailable(candidate, error.message, error);
}

function checkThreads(threads: number | undefined): number | undefined {
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw invalidInput("threads", "a positive whole number", threads);
  }
  return threads;
}

function checkChoice({ device, workload }: DeviceChoiceOptions): void {
  if (device !== undefined && typeof device !== "string") {
    throw new MaskeryError(
      "DEVICE_UNAVAILABLE",
      `device: expected a name, received ${describeValue(device)}`,
      {
        field: "device",
      },
    );
  }
  if (workload !== undefined && workload !== "large" && workload !== "small") {
    throw invalidInput("workload", '"large" or "small"', workload);
  }
}

function disposedError(): MaskeryError {
  return new MaskeryError("DISPOSED", "The runtime was disposed: create another one to load graphs.");
}
