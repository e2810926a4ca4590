// @ts-check
/**
 * The thread that holds one onnxruntime session. onnxruntime's `create` and `run` block their thread for as
 * long as they take, so they never happen on the thread of the application. Ending this thread is also the
 * only thing that gives all of a session's memory back.
 *
 * Plain JavaScript, because a worker starts from a file: the same one serves the sources and the built
 * package.
 */
import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";

/** @import { MessagePort } from "node:worker_threads" */
/** @import { InferenceSession, Tensor as EngineTensor } from "onnxruntime-common" */
/** @import { Tensor } from "@maskery/core" */
/** @import { EngineTensorInfo, GraphFailureStage, GraphRunRequest, GraphWorkerReply, GraphWorkerRequest, GraphWorkerSetup, PackedFeed } from "./graph-protocol.js" */

/**
 * Only fatal messages are logged: an error comes back as a rejection and needs no second voice on standard
 * error.
 */
const logSeverityLevel = 4;

const port = /** @type {MessagePort} */ (parentPort);
const { callsUnderWay, ...setup } = /** @type {GraphWorkerSetup} */ (workerData);

/**
 * Feeds that stay here between runs, by the number that the other side gave them.
 * @type {Map<number, Tensor>}
 */
const keptFeeds = new Map();

await serve();

async function serve() {
  /** @type {GraphFailureStage} */
  let stage = "engine";
  try {
    // Where JavaScript has a Float16Array (Node 24 on), onnxruntime uses it, but its native half cannot read
    // one: "not enough space: expected 6, got 0". Without it, half precision travels as bit patterns, as in
    // the SDK. This global is the thread's own.
    Reflect.deleteProperty(globalThis, "Float16Array");
    const engine = await import("onnxruntime-node");
    stage = "load";
    const session = await createSession(engine.InferenceSession);
    port.on("message", (/** @type {GraphWorkerRequest} */ request) => {
      if (request.kind === "run") void answer(engine.Tensor, session, request);
      else if (request.kind === "forget") forget(request.feeds);
      else void stop(session);
    });
    reply({
      kind: "ready",
      inputs: describe(session.inputMetadata),
      outputs: describe(session.outputMetadata),
      backends: engine.listSupportedBackends().map(({ name }) => name),
    });
  } catch (error) {
    // Nothing listens, so the thread ends by itself.
    replyFailure(stage, error);
  } finally {
    callFinished();
  }
}

/** Without its port nothing keeps the thread alive: it ends, and its memory goes with it. */
async function stop(/** @type {InferenceSession} */ session) {
  try {
    await session.release();
  } finally {
    port.close();
    callFinished();
  }
}

/** Tells a process that wants to exit that this thread is in no native call any more. */
function callFinished() {
  Atomics.sub(callsUnderWay, 0, 1);
  Atomics.notify(callsUnderWay, 0);
}

/**
 * @param {typeof InferenceSession} Session
 * @returns {Promise<InferenceSession>}
 */
async function createSession(Session) {
  /** @type {{ path: string, data: Uint8Array }[]} */
  const externalData = [];
  for (const { name, source } of setup.externalData) {
    externalData.push({ path: name, data: typeof source === "string" ? await readFile(source) : source });
  }
  /** @type {InferenceSession.SessionOptions} */
  const options = {
    executionProviders: setup.executionProviders,
    intraOpNumThreads: setup.threads,
    // The level that rearranges layouts ("all") runs convolutions almost twice as fast as the one below it.
    graphOptimizationLevel: "all",
    logSeverityLevel,
    // Threads that spin while they wait win a few percent on an idle machine and lose far more on a busy one.
    enableCpuMemArena: setup.memoryArena,
    enableMemPattern: setup.memoryPattern,
    extra: {
      session: {
        intra_op: { allow_spinning: "0" },
        ...(setup.externalFolder !== undefined
          ? { model_external_initializers_file_folder_path: setup.externalFolder }
          : {}),
      },
    },
    ...(externalData.length > 0 ? { externalData } : {}),
  };
  const { model } = setup;
  // The session keeps a copy of its own; a model given as bytes would otherwise stay twice for as long as this thread lives.
  for (const held of [setup, workerData]) Reflect.deleteProperty(held, "model");
  return typeof model === "string" ? Session.create(model, options) : Session.create(model, options);
}

/**
 * @param {typeof EngineTensor} Tensor
 * @param {InferenceSession} session
 * @param {GraphRunRequest} request
 */
async function answer(Tensor, session, request) {
  try {
    forget(request.forget);
    const tensors = request.feeds.map(([name, feed]) => /** @type {const} */ ([name, unpack(feed)]));
    /** @type {Record<string, EngineTensor>} */
    const feeds = {};
    for (const [name, { type, data, dims }] of tensors) {
      // The constructor is overloaded by type; each of our tensors is one of its pairs.
      feeds[name] = new Tensor(/** @type {"float32"} */ (type), /** @type {Float32Array} */ (data), dims);
    }
    const results = await session.run(feeds, request.outputs);
    /** @type {[string, Tensor][]} */
    const outputs = request.outputs.map((name) => [
      name,
      toTensor(/** @type {EngineTensor} */ (results[name])),
    ]);
    const buffers = new Set(outputs.map(([, { data }]) => /** @type {ArrayBuffer} */ (data.buffer)));
    reply({ kind: "outputs", outputs }, [...buffers]);
  } catch (error) {
    replyFailure("run", error);
  } finally {
    callFinished();
  }
}

/**
 * @param {PackedFeed} feed
 * @returns {Tensor}
 */
function unpack(feed) {
  if ("tensor" in feed) {
    if (feed.keepAs !== undefined) keptFeeds.set(feed.keepAs, feed.tensor);
    return feed.tensor;
  }
  const kept = keptFeeds.get(feed.kept);
  if (kept === undefined) throw new Error(`the worker does not hold feed ${feed.kept}`);
  return /** @type {Tensor} */ ({ type: feed.type, dims: feed.dims, data: kept.data });
}

/** @param {readonly number[]} feeds */
function forget(feeds) {
  for (const feed of feeds) keptFeeds.delete(feed);
}

/**
 * @param {EngineTensor} result
 * @returns {Tensor}
 */
function toTensor(result) {
  const { type, dims, data } = result;
  return /** @type {Tensor} */ ({ type, dims: [...dims], data });
}

/**
 * @param {readonly InferenceSession.ValueMetadata[]} metadata
 * @returns {EngineTensorInfo[]}
 */
function describe(metadata) {
  return metadata.map((value) =>
    value.isTensor
      ? {
          name: value.name,
          type: value.type,
          dims: value.shape.map((dim) => (typeof dim === "number" ? dim : null)),
        }
      : { name: value.name, type: "a value that is no tensor", dims: [] },
  );
}

/**
 * @param {GraphFailureStage} stage
 * @param {unknown} error
 */
function replyFailure(stage, error) {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  reply({ kind: "failed", stage, message, code });
}

/**
 * @param {GraphWorkerReply} message
 * @param {ArrayBuffer[]} [transfer] Buffers that move to the other thread instead of being copied.
 */
function reply(message, transfer = []) {
  port.postMessage(message, transfer);
}
