// @ts-check
/** A thread that runs one graph by onnxruntime alone, on feeds that are sent for each run. */
import { parentPort, workerData } from "node:worker_threads";
import ort from "onnxruntime-node";

/** @import { NamedTensors } from "@maskery/node" */

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const session = await ort.InferenceSession.create(workerData.path, {
  executionProviders: ["cpu"],
  graphOptimizationLevel: "all",
  intraOpNumThreads: workerData.threads,
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: "0" } } },
});
port.on("message", async (/** @type {NamedTensors} */ feeds) => {
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(/** @type {"float32"} */ (type), data, dims),
    ]),
  );
  const startedAt = performance.now();
  await session.run(tensors);
  port.postMessage(performance.now() - startedAt);
});
port.postMessage(0);
