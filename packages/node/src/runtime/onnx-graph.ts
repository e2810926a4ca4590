import {
  abortError,
  type Graph,
  type GraphRunOptions,
  MaskeryError,
  type NamedTensors,
  throwIfAborted,
} from "@maskery/core";
import { checkFeeds, checkTransfer, chooseOutputs } from "./check-feeds.js";
import type { GraphThread } from "./graph-worker-thread.js";
import { packFeeds } from "./pack-feeds.js";

export interface OnnxGraphParts {
  readonly device: string;
  readonly thread: GraphThread;
  /** Loads the graph again after its worker died. */
  restart(): Promise<GraphThread>;
  onDispose(): void;
}

interface Call {
  readonly feeds: NamedTensors;
  readonly outputs: readonly string[];
  readonly transfer: readonly string[];
  /** Set once the caller has its answer; whatever arrives later is dropped. */
  settled: boolean;
  resolve(outputs: NamedTensors): void;
  reject(error: unknown): void;
}

/**
 * A graph whose session lives in a worker. Calls queue up on this side, one at a time goes to the worker: so
 * a call that is aborted while it waits costs nothing. A run that is aborted under way rejects at once; the
 * engine cannot be stopped, so the next call starts when it is through. Feeds that were not given away are
 * read when their call's turn comes: leave them untouched until it settles.
 */
export function createOnnxGraph({ device, thread: firstThread, restart, onDispose }: OnnxGraphParts): Graph {
  const { inputs, outputs } = firstThread;
  const waiting: Call[] = [];
  let thread = firstThread;
  let running: Call | undefined;
  let disposed: Promise<void> | undefined;

  const workThroughQueue = async (): Promise<void> => {
    if (running !== undefined) return;
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      running = call;
      try {
        if (!thread.alive) await reload();
        if (!call.settled) {
          // Again, because an earlier call may have moved a buffer that this one shares with it.
          checkFeeds(inputs, call.feeds);
          call.resolve(await thread.run(packFeeds(call.feeds, call.transfer), call.outputs));
        }
      } catch (error) {
        call.reject(error);
      }
    }
    running = undefined;
  };

  const reload = async () => {
    const fresh = await restart();
    if (disposed !== undefined) {
      await fresh.stop();
      throw disposedError();
    }
    thread = fresh;
  };

  const run = async (feeds: NamedTensors, options: GraphRunOptions = {}): Promise<NamedTensors> => {
    if (disposed !== undefined) throw disposedError();
    const { signal, transfer = [] } = options;
    throwIfAborted(signal);
    checkFeeds(inputs, feeds);
    checkTransfer(feeds, transfer);
    const names = chooseOutputs(outputs, options.outputs);

    return new Promise<NamedTensors>((resolve, reject) => {
      const settle = () => {
        if (call.settled) return false;
        call.settled = true;
        signal?.removeEventListener("abort", onAbort);
        return true;
      };
      const call: Call = {
        feeds: { ...feeds },
        outputs: names,
        transfer,
        settled: false,
        resolve: (results) => settle() && resolve(results),
        reject: (error) => settle() && reject(error as Error),
      };
      const onAbort = () => {
        const place = waiting.indexOf(call);
        if (place >= 0) waiting.splice(place, 1);
        call.reject(signal && abortError(signal));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      waiting.push(call);
      void workThroughQueue();
    });
  };

  const dispose = (): Promise<void> => {
    if (disposed === undefined) {
      disposed = thread.stop();
      const pending = running === undefined ? waiting : [running, ...waiting];
      for (const call of pending) call.reject(disposedError());
      waiting.length = 0;
      onDispose();
    }
    return disposed;
  };

  return { device, inputs, outputs, run, dispose };
}

function disposedError(): MaskeryError {
  return new MaskeryError("DISPOSED", "The graph was disposed: load it again to run it.");
}
