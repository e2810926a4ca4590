// @ts-check
import ort from "onnxruntime-node";

/** @import { NamedTensors } from "@maskery/node" */

/**
 * Runs a graph by onnxruntime alone, on this thread: what our own calls are held against.
 * @param {import("onnxruntime-node").InferenceSession} session
 * @param {NamedTensors} feeds
 * @returns {Promise<number>} Milliseconds of the run, without making the tensors.
 */
export async function timePlainRun(session, feeds) {
  const tensors = Object.fromEntries(
    Object.entries(feeds).map(([name, { type, data, dims }]) => [
      name,
      new ort.Tensor(/** @type {"float32"} */ (type), data, dims),
    ]),
  );
  const startedAt = performance.now();
  await session.run(tensors);
  return performance.now() - startedAt;
}
