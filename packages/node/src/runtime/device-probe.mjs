// @ts-check
/**
 * A process that runs graphs on devices whose driver may take the whole process down with it. It does so in a graph worker,
 * as the application would. One job at a time; the process that started this one ends it.
 */
import { Worker } from "node:worker_threads";

/** @import { ProbeJob, ProbeResult } from "./probe-process.js" */
/** @import { GraphWorkerReply } from "./graph-protocol.js" */

process.on("message", async (/** @type {ProbeJob} */ job) => {
  const result = await runJob(job);
  process.send?.(result);
});
// Whoever asked is gone. A device that hangs in its driver would keep an orderly exit waiting.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

/**
 * @param {ProbeJob} job
 * @returns {Promise<ProbeResult>}
 */
async function runJob({ setup, feeds, outputs, mostRuns, enoughMs }) {
  const callsUnderWay = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const startedAt = performance.now();
  const worker = new Worker(new URL("./graph-worker.mjs", import.meta.url), {
    workerData: { ...setup, callsUnderWay },
    execArgv: [],
  });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  try {
    const ready = await nextReply(worker);
    if (ready.kind !== "ready") return { kind: "failed", message: messageOf(ready) };
    const loadMs = performance.now() - startedAt;
    const { backends } = ready;
    /** @type {number[]} */
    const runMs = [];
    for (let total = 0; ; ) {
      const runStartedAt = performance.now();
      worker.postMessage({
        kind: "run",
        feeds: feeds.map(([name, tensor]) => [name, { tensor }]),
        outputs,
        forget: [],
      });
      const answer = await nextReply(worker);
      if (answer.kind !== "outputs") return { kind: "failed", message: messageOf(answer) };
      runMs.push(performance.now() - runStartedAt);
      total += runMs.at(-1) ?? 0;
      if (runMs.length < mostRuns && total < enoughMs) continue;
      return { kind: "done", outputs: answer.outputs, loadMs, runMs, backends };
    }
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  } finally {
    worker.postMessage({ kind: "stop" });
    await ended;
  }
}

/**
 * @param {Worker} worker
 * @returns {Promise<GraphWorkerReply>}
 */
function nextReply(worker) {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the graph worker ended with code ${code}`)));
  });
}

/** @param {GraphWorkerReply} reply */
function messageOf(reply) {
  return reply.kind === "failed" ? reply.message : `unexpected answer "${reply.kind}"`;
}
