import { Worker, type WorkerOptions } from "node:worker_threads";
import { MaskeryError, type NamedTensors, type TensorInfo } from "@maskery/core";
import { guardExit } from "./exit-guard.js";
import { graphFailureError, workerStoppedError } from "./graph-failure.js";
import type {
  EngineTensorInfo,
  GraphFailure,
  GraphWorkerReply,
  GraphWorkerRequest,
  GraphWorkerSetup,
} from "./graph-protocol.js";
import { createKeptFeeds } from "./kept-feeds.js";
import { packFeeds } from "./pack-feeds.js";
import { isTensorType } from "./tensor-arrays.js";

export interface GraphThreadSettings {
  readonly setup: Omit<GraphWorkerSetup, "callsUnderWay">;
  /** Buffers inside `setup` that may be moved. */
  readonly transfer: readonly ArrayBuffer[];
  /** Names for messages. */
  readonly model: string;
  readonly device: string;
  /** Another worker file, for tests. */
  readonly workerUrl?: URL;
}

export interface GraphThreadRun {
  readonly feeds: NamedTensors;
  readonly outputs: readonly string[];
  /** Names of feeds that are given away, and of those that never change. */
  readonly transfer: readonly string[];
  readonly keep: readonly string[];
}

/** A worker that holds one loaded graph. It takes one run at a time: the caller queues. */
export interface GraphThread {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** False once the worker is stopping or has stopped, for whatever reason. */
  readonly alive: boolean;
  run(run: GraphThreadRun): Promise<NamedTensors>;
  /** Resolves when the thread and everything it held are gone. A native call under way finishes first. */
  stop(): Promise<void>;
}

export interface StartingGraphThread {
  readonly ready: Promise<GraphThread>;
  stop(): Promise<void>;
}

interface Expected {
  resolve(reply: GraphWorkerReply): void;
  reject(error: MaskeryError): void;
}

/**
 * Starts a worker and has it load its graph. The worker keeps the process alive only while an answer is
 * awaited.
 */
export function startGraphThread({
  setup,
  transfer,
  model,
  device,
  workerUrl,
}: GraphThreadSettings): StartingGraphThread {
  const callsUnderWay = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: GraphWorkerSetup = { ...setup, callsUnderWay };
  const options: WorkerOptions = {
    name: "maskery-graph",
    workerData,
    transferList: [...transfer],
    // The worker needs no loader or instrumentation of the application, and refuses to start under
    // `--input-type`.
    execArgv: [],
  };
  // Resolved against this file, in the sources as in the build, which keeps the worker beside the bundle. Written out
  // in one piece, as bundlers look for it: where any other address might stand, Turbopack of Next 16 takes every file
  // of the folder for a worker and stops at the type declarations.
  const worker = workerUrl
    ? Reflect.construct(Worker, [workerUrl, options])
    : new Worker(new URL("./graph-worker.mjs", import.meta.url), options);
  const releaseExit = guardExit(callsUnderWay);
  let alive = true;
  let expected: Expected | undefined;
  let stopping: Promise<void> | undefined;

  /** The worker's next message; until it comes the worker keeps the process alive. */
  const nextReply = () =>
    new Promise<GraphWorkerReply>((resolve, reject) => {
      expected = { resolve, reject };
      worker.ref();
    });

  const takeExpected = () => {
    const taken = expected;
    expected = undefined;
    if (stopping === undefined) worker.unref();
    return taken;
  };

  const fail = (cause: unknown) => {
    alive = false;
    // A worker that broke lowers its counter no more: waiting for it at exit would be waiting for ever.
    releaseExit();
    takeExpected()?.reject(workerStoppedError(model, cause));
  };
  const exited = new Promise<void>((resolve) => {
    worker.once("exit", (exitCode) => {
      fail(new Error(`worker exit code ${exitCode}`));
      resolve();
    });
  });
  worker.on("message", (reply: GraphWorkerReply) => takeExpected()?.resolve(reply));
  worker.on("error", fail);
  worker.on("messageerror", fail);

  const post = (request: GraphWorkerRequest, moved: readonly ArrayBuffer[] = []) => {
    worker.postMessage(request, moved);
    Atomics.add(callsUnderWay, 0, 1);
  };

  const stop = (): Promise<void> => {
    stopping ??= (() => {
      alive = false;
      worker.ref();
      post({ kind: "stop" });
      return exited;
    })();
    return stopping;
  };

  /** The engine names files by their whole path, which is nobody's business outside. */
  const failed = (failure: GraphFailure) => {
    const path = typeof setup.model === "string" ? setup.model : setup.externalFolder;
    const message = path === undefined ? failure.message : failure.message.replaceAll(path, model);
    return graphFailureError({ ...failure, message }, model, device);
  };

  const keptFeeds = createKeptFeeds((feed) => {
    if (alive) worker.postMessage({ kind: "forget", feeds: [feed] } satisfies GraphWorkerRequest);
  });

  const run = async ({ feeds, outputs, transfer, keep }: GraphThreadRun): Promise<NamedTensors> => {
    if (!alive) throw workerStoppedError(model, undefined);
    const packed = packFeeds(feeds, transfer, keep, keptFeeds);
    try {
      post({ kind: "run", feeds: packed.feeds, forget: packed.forget, outputs }, packed.transfer);
    } catch (error) {
      keptFeeds.strike(packed.fresh);
      throw error;
    }
    const reply = await nextReply();
    if (reply.kind === "failed") throw failed(reply);
    if (reply.kind !== "outputs") throw unexpectedReply(reply, model);
    return Object.fromEntries(reply.outputs);
  };

  const load = async (): Promise<GraphThread> => {
    const reply = await nextReply();
    if (reply.kind === "failed") throw failed(reply);
    if (reply.kind !== "ready") throw unexpectedReply(reply, model);
    return {
      inputs: toTensorInfos(reply.inputs, model),
      outputs: toTensorInfos(reply.outputs, model),
      get alive() {
        return alive;
      },
      run,
      stop,
    };
  };

  Atomics.add(callsUnderWay, 0, 1);
  return { ready: load(), stop };
}

function unexpectedReply(reply: GraphWorkerReply, model: string): MaskeryError {
  return new MaskeryError("INTERNAL", `${model}: the worker gave an answer out of turn: "${reply.kind}"`);
}

function toTensorInfos(values: readonly EngineTensorInfo[], model: string): readonly TensorInfo[] {
  return values.map(({ name, type, dims }) => {
    if (!isTensorType(type)) {
      throw new MaskeryError(
        "MODEL_CORRUPT",
        `${model}: expected tensors of types that the SDK carries, received ${type} for "${name}"`,
      );
    }
    return { name, type, dims };
  });
}
