/**
 * onnxruntime's binding aborts the whole process when its thread is ended in the middle of a native call.
 * Graph workers are therefore asked to stop, never terminated; and a process that exits meanwhile
 * (`process.exit`, an uncaught error) waits here for the call under way, as Node would wait for the thread
 * anyway.
 */

/** A call that takes longer than this is given up: better an abort than a process that never ends. */
const longestWaitMs = 30_000;

const counters = new Set<Int32Array>();

/**
 * Guards one worker until the returned function is called.
 * @param callsUnderWay - One number in shared memory: raised here before a request is posted, lowered and
 * notified by the worker after it has answered.
 */
export function guardExit(callsUnderWay: Int32Array): () => void {
  if (counters.size === 0) process.on("exit", waitForCalls);
  counters.add(callsUnderWay);
  return () => {
    counters.delete(callsUnderWay);
    if (counters.size === 0) process.off("exit", waitForCalls);
  };
}

function waitForCalls(): void {
  const deadline = performance.now() + longestWaitMs;
  for (const counter of counters) {
    for (let calls = Atomics.load(counter, 0); calls !== 0; calls = Atomics.load(counter, 0)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return;
      Atomics.wait(counter, 0, calls, leftMs);
    }
  }
}
