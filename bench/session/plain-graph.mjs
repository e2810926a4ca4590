// @ts-check
import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** @import { NamedTensors } from "@maskery/node" */

/**
 * A graph in a worker thread, without anything of ours.
 * @param {string} path
 * @param {number} threads For one run.
 */
export async function startPlainGraph(path, threads) {
  const worker = new Worker(new URL("./plain-worker.mjs", import.meta.url), {
    workerData: { path, threads },
  });
  await once(worker, "message");
  return {
    /**
     * @param {NamedTensors} feeds
     * @returns {Promise<number>} Milliseconds of the run alone, as the worker sees them.
     */
    async timeRun(feeds) {
      worker.postMessage(feeds);
      const [milliseconds] = await once(worker, "message");
      return milliseconds;
    },
    stop: () => worker.terminate(),
  };
}
