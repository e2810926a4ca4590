import type { GraphFiles } from "@maskery/core";
import { MaskeryError, throwIfAborted, waitUnlessAborted } from "@maskery/core";
import type { DeviceCandidate } from "./devices.js";
import { type GraphSources, graphTitle, prepareGraphSources, repairGraphSources } from "./graph-sources.js";
import type { GraphThread, startGraphThread } from "./graph-worker-thread.js";
import { inTurn } from "./run-turns.js";
import { memorySettings } from "./session-settings.js";

/** One graph to be loaded. */
export interface GraphStart {
  readonly files: GraphFiles;
  readonly threads: number;
  readonly signal: AbortSignal | undefined;
  readonly startThread: typeof startGraphThread;
}

/**
 * Loads a graph on a device, in a worker of its own. A model that the engine refuses is loaded once more where it can be mended.
 * @throws MaskeryError `MODEL_NOT_FOUND`, `MODEL_CORRUPT`, `DEVICE_UNAVAILABLE`, `OUT_OF_MEMORY`, `ABORTED`.
 */
export async function startOnDevice(candidate: DeviceCandidate, start: GraphStart): Promise<GraphThread> {
  try {
    return await startWith(await prepareGraphSources(start.files), candidate, start);
  } catch (error) {
    const isRefused = MaskeryError.is(error) && error.code === "MODEL_CORRUPT";
    const repaired = isRefused ? await repairGraphSources(start.files) : undefined;
    if (!repaired) throw error;
    return startWith(repaired, candidate, start);
  }
}

function startWith(
  { transfer, ...sources }: GraphSources,
  candidate: DeviceCandidate,
  { files, threads, signal, startThread }: GraphStart,
): Promise<GraphThread> {
  const start = async (): Promise<GraphThread> => {
    throwIfAborted(signal);
    const starting = startThread({
      setup: {
        ...sources,
        executionProviders: candidate.executionProviders,
        threads,
        ...memorySettings(candidate),
      },
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
  };
  return candidate.oneRunAtATime ? inTurn(candidate.id, start) : start();
}
