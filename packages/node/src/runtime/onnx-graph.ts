import {
  abortError,
  type DeviceReport,
  type Graph,
  type GraphRunOptions,
  MaskeryError,
  type NamedTensors,
  throwIfAborted,
} from "@maskery/core";
import { checkFeedNames, checkFeeds, chooseOutputs } from "./check-feeds.js";
import type { GraphThread } from "./graph-worker-thread.js";

export interface OnnxGraphParts {
  readonly device: string;
  readonly deviceReport?: DeviceReport;
  readonly thread: GraphThread;
  /** Loads the graph again after its worker died. */
  restart(): Promise<GraphThread>;
  /** Runs work on the device when it is its turn. Default: at once. */
  inTurn?<Value>(work: () => Promise<Value>): Promise<Value>;
  /** Called when the last handle was disposed. */
  onDispose(): void;
}

/** A loaded graph that several callers may hold, each with a handle of its own. */
export interface OnnxGraph {
  /** False once the last handle was disposed. */
  readonly alive: boolean;
  /** Whether there is a handle that is not disposed. */
  readonly held: boolean;
  handle(): Graph;
}

interface Call {
  readonly owner: object;
  readonly feeds: NamedTensors;
  readonly outputs: readonly string[];
  readonly transfer: readonly string[];
  readonly keep: readonly string[];
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
export function createOnnxGraph({
  device,
  deviceReport,
  thread: firstThread,
  restart,
  inTurn = (work) => work(),
  onDispose,
}: OnnxGraphParts): OnnxGraph {
  const { inputs, outputs } = firstThread;
  const waiting: Call[] = [];
  const owners = new Set<object>();
  let thread = firstThread;
  let running: Call | undefined;
  let stopped: Promise<void> | undefined;

  const workThroughQueue = async (): Promise<void> => {
    if (running !== undefined) return;
    for (let call = waiting.shift(); call !== undefined; call = waiting.shift()) {
      running = call;
      try {
        if (!thread.alive) await reload();
        await inTurn(() => answer(call));
      } catch (error) {
        call.reject(error);
      }
    }
    running = undefined;
  };

  const answer = async (call: Call) => {
    if (call.settled) return;
    // Again, because an earlier call may have moved a buffer that this one shares with it.
    checkFeeds(inputs, call.feeds);
    call.resolve(await thread.run(call));
  };

  const reload = async () => {
    const fresh = await restart();
    if (stopped !== undefined) {
      await fresh.stop();
      throw disposedError();
    }
    thread = fresh;
  };

  const run = async (
    owner: object,
    feeds: NamedTensors,
    options: GraphRunOptions = {},
  ): Promise<NamedTensors> => {
    if (!owners.has(owner)) throw disposedError();
    const { signal, transfer = [], keep = [] } = options;
    throwIfAborted(signal);
    checkFeeds(inputs, feeds);
    checkFeedNames("transfer", feeds, transfer);
    checkFeedNames("keep", feeds, keep);
    const names = chooseOutputs(outputs, options.outputs);

    return new Promise<NamedTensors>((resolve, reject) => {
      const settle = () => {
        if (call.settled) return false;
        call.settled = true;
        signal?.removeEventListener("abort", onAbort);
        return true;
      };
      const call: Call = {
        owner,
        feeds: { ...feeds },
        outputs: names,
        transfer,
        keep,
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

  /** The thread goes with its last owner. */
  const leave = (owner: object): Promise<void> => {
    if (owners.delete(owner)) {
      const pending = running === undefined ? [...waiting] : [running, ...waiting];
      for (const call of pending) if (call.owner === owner) call.reject(disposedError());
      waiting.splice(0, waiting.length, ...waiting.filter((call) => call.owner !== owner));
      if (owners.size === 0) {
        stopped = inTurn(() => thread.stop());
        onDispose();
      }
    }
    return stopped ?? Promise.resolve();
  };

  return {
    get alive() {
      return stopped === undefined;
    },
    get held() {
      return owners.size > 0;
    },
    handle() {
      const owner = {};
      owners.add(owner);
      return {
        device,
        ...(deviceReport && { deviceReport }),
        inputs,
        outputs,
        run: (feeds, options) => run(owner, feeds, options),
        dispose: () => leave(owner),
      };
    },
  };
}

function disposedError(): MaskeryError {
  return new MaskeryError("DISPOSED", "The graph was disposed: load it again to run it.");
}
