import { float32Tensor, type NamedTensors } from "@maskery/core";
import { describe, expect, test } from "vitest";
import { startGraphThread } from "./graph-worker-thread.js";
import { createOnnxGraph } from "./onnx-graph.js";

const tensorInfo = { name: "x", type: "float32", dims: [null] } as const;
const feeds: NamedTensors = { x: float32Tensor(Float32Array.of(1), [1]) };

/** A worker that behaves as told, in place of the one with the engine. */
const scriptedWorker = (onRun: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from "node:worker_threads";
      const finished = () => { Atomics.sub(workerData.callsUnderWay, 0, 1); Atomics.notify(workerData.callsUnderWay, 0); };
      parentPort.on("message", (request) => {
        if (request.kind === "stop") parentPort.close();
        else { ${onRun} }
        finished();
      });
      parentPort.postMessage({ kind: "ready", inputs: [${JSON.stringify(tensorInfo)}], outputs: [${JSON.stringify(tensorInfo)}] });
      finished();
    `)}`,
  );
const echo = scriptedWorker('parentPort.postMessage({ kind: "outputs", outputs: request.feeds });');

const startThread = (workerUrl: URL) =>
  startGraphThread({
    setup: { model: "/models/test.onnx", externalData: [], executionProviders: ["cpu"], threads: 1 },
    transfer: [],
    model: "test.onnx",
    device: "cpu",
    workerUrl,
  }).ready;

async function makeGraph(first: URL, next: URL = echo) {
  let restarts = 0;
  const graph = createOnnxGraph({
    device: "cpu",
    thread: await startThread(first),
    restart: () => {
      restarts += 1;
      return startThread(next);
    },
    onDispose: () => undefined,
  });
  return { graph, restarts: () => restarts };
}

describe("a graph whose worker dies", () => {
  test.each([
    ["exits", "process.exit(3);"],
    ["throws", 'throw new Error("broken");'],
  ])("rejects the call under way when it %s, and loads itself again for the next", async (_how, onRun) => {
    const { graph, restarts } = await makeGraph(scriptedWorker(onRun));
    const [first, second] = await Promise.allSettled([graph.run(feeds), graph.run(feeds)]);
    expect(first).toMatchObject({ status: "rejected", reason: { code: "INFERENCE_FAILED" } });
    expect(second).toEqual({ status: "fulfilled", value: feeds });
    expect(restarts()).toBe(1);
    expect(await graph.run(feeds)).toEqual(feeds);
    await graph.dispose();
  });

  test("tries again at every run while it cannot be loaded", async () => {
    let restarts = 0;
    const graph = createOnnxGraph({
      device: "cpu",
      thread: await startThread(scriptedWorker("process.exit(3);")),
      restart: async () => {
        restarts += 1;
        if (restarts === 1) throw new Error("the file is gone for a moment");
        return startThread(echo);
      },
      onDispose: () => undefined,
    });
    await expect(graph.run(feeds)).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    await expect(graph.run(feeds)).rejects.toThrow("the file is gone for a moment");
    expect(await graph.run(feeds)).toEqual(feeds);
    await graph.dispose();
  });

  test("can be disposed while it loads again", async () => {
    const { graph } = await makeGraph(scriptedWorker("process.exit(3);"));
    await expect(graph.run(feeds)).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    const run = graph.run(feeds);
    const rejected = expect(run).rejects.toMatchObject({ code: "DISPOSED" });
    await graph.dispose();
    await rejected;
  });

  test("says that memory ran out when that was the reason", async () => {
    const failure = '{ kind: "failed", stage: "run", message: "std::bad_alloc", code: undefined }';
    const { graph } = await makeGraph(scriptedWorker(`parentPort.postMessage(${failure});`));
    await expect(graph.run(feeds)).rejects.toMatchObject({ code: "OUT_OF_MEMORY" });
    await graph.dispose();
  });

  test("refuses a second call with a buffer that the first one gave away", async () => {
    const { graph } = await makeGraph(echo);
    const shared: NamedTensors = { x: float32Tensor(Float32Array.of(1), [1]) };
    const [first, second] = await Promise.allSettled([
      graph.run(shared, { transfer: ["x"] }),
      graph.run(shared),
    ]);
    expect(first).toEqual({ status: "fulfilled", value: feeds });
    expect(second).toMatchObject({
      status: "rejected",
      reason: { code: "INVALID_INPUT", field: "feeds.x.data" },
    });
    await graph.dispose();
  });
});
