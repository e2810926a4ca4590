import {
  type Graph,
  type GraphFiles,
  type GraphLoadOptions,
  invalidInput,
  MaskeryError,
  type Runtime,
  throwIfAborted,
  waitUnlessAborted,
} from "@maskery/core";
import { chooseDevices, type DeviceCandidate, findDevices } from "./devices.js";
import { engineName } from "./engine-version.js";
import { graphTitle, prepareGraphSources } from "./graph-sources.js";
import { type GraphThread, startGraphThread } from "./graph-worker-thread.js";
import { createOnnxGraph } from "./onnx-graph.js";
import { defaultThreadCount } from "./thread-count.js";

export interface OnnxRuntimeOptions {
  /**
   * Threads for one run of a graph, unless `load` says otherwise. Default: the physical cores, at most four.
   */
  readonly threads?: number;
}

/**
 * Runs ONNX graphs with onnxruntime-node, each in a worker thread of its own, so that the caller's thread
 * stays free. onnxruntime itself is loaded by the workers only, at the first `load`. Idle workers do not keep
 * the process alive.
 *
 * A graph whose worker dies loads itself again at its next run; a graph that was loaded from bytes keeps them
 * for that.
 */
export function createOnnxRuntime(options: OnnxRuntimeOptions = {}): Runtime {
  const preferredThreads = checkThreads(options.threads);
  const candidates = findDevices();
  const graphs = new Set<Graph>();
  const loading = new Set<Promise<unknown>>();
  let disposed: Promise<void> | undefined;

  const load = async (files: GraphFiles, loadOptions: GraphLoadOptions = {}): Promise<Graph> => {
    if (disposed !== undefined) throw disposedError();
    const { signal, device } = loadOptions;
    throwIfAborted(signal);
    const chosen = chooseDevices(candidates, device);
    const threads = checkThreads(loadOptions.threads) ?? preferredThreads ?? (await defaultThreadCount());

    const work = loadOnFirst(chosen, files, threads, signal);
    loading.add(work);
    try {
      const graph = await work;
      if (disposed === undefined) return graph;
      await graph.dispose();
      throw disposedError();
    } finally {
      loading.delete(work);
    }
  };

  /** Tries each device in turn; only a device that does not work here leads on to the next. */
  const loadOnFirst = async (
    chosen: readonly DeviceCandidate[],
    files: GraphFiles,
    threads: number,
    signal: AbortSignal | undefined,
  ): Promise<Graph> => {
    let unavailable: unknown;
    for (const candidate of chosen) {
      try {
        return await loadOn(candidate, files, threads, signal);
      } catch (error) {
        if (!MaskeryError.is(error) || error.code !== "DEVICE_UNAVAILABLE") throw error;
        unavailable ??= error;
      }
    }
    throw unavailable;
  };

  const loadOn = async (
    candidate: DeviceCandidate,
    files: GraphFiles,
    threads: number,
    signal: AbortSignal | undefined,
  ): Promise<Graph> => {
    const start = (startSignal?: AbortSignal) => startThread(candidate, files, threads, startSignal);
    const thread = await start(signal);
    const graph = createOnnxGraph({
      device: candidate.id,
      thread,
      restart: start,
      onDispose: () => graphs.delete(graph),
    });
    graphs.add(graph);
    return graph;
  };

  const dispose = (): Promise<void> => {
    disposed ??= (async () => {
      await Promise.all([...graphs].map((graph) => graph.dispose()));
      // A load that is still under way finds the runtime disposed, frees what it loaded and rejects.
      await Promise.allSettled(loading);
    })();
    return disposed;
  };

  return {
    contractVersion: 1,
    name: engineName(),
    devices: candidates.map(({ id, title }) => ({ id, title })),
    load,
    dispose,
  };
}

async function startThread(
  candidate: DeviceCandidate,
  files: GraphFiles,
  threads: number,
  signal: AbortSignal | undefined,
): Promise<GraphThread> {
  const { transfer, ...sources } = await prepareGraphSources(files);
  throwIfAborted(signal);
  const starting = startGraphThread({
    setup: { ...sources, executionProviders: candidate.executionProviders, threads },
    transfer,
    model: graphTitle(files),
    device: candidate.id,
  });
  try {
    return await waitUnlessAborted(starting.ready, signal);
  } catch (error) {
    void starting.stop();
    throw error;
  }
}

function checkThreads(threads: number | undefined): number | undefined {
  if (threads !== undefined && (!Number.isSafeInteger(threads) || threads < 1)) {
    throw invalidInput("threads", "a positive whole number", threads);
  }
  return threads;
}

function disposedError(): MaskeryError {
  return new MaskeryError("DISPOSED", "The runtime was disposed: create another one to load graphs.");
}
