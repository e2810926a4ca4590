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
const echo = scriptedWorker(
  'parentPort.postMessage({ kind: "outputs", outputs: request.feeds.map(([name, { tensor }]) => [name, tensor]) });',
);

const startThread = (workerUrl: URL) =>
  startGraphThread({
    setup: {
      model: "/models/test.onnx",
      externalData: [],
      executionProviders: ["cpu"],
      threads: 1,
      memoryArena: true,
      memoryPattern: true,
    },
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
  }).handle();
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
    }).handle();
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

  test("is sent its kept feeds again", async () => {
    const dyingAtTheThird = scriptedWorker(`
      globalThis.runs = (globalThis.runs ?? 0) + 1;
      if (globalThis.runs === 3) process.exit(3);
      parentPort.postMessage({ kind: "outputs", outputs: request.feeds.map(([name, feed]) =>
        [name, feed.tensor ?? { type: "float32", dims: feed.dims, data: Float32Array.of(-feed.kept) }]) });
    `);
    const { graph } = await makeGraph(dyingAtTheThird);
    const options = { keep: ["x"] };
    expect(await graph.run(feeds, options)).toEqual(feeds);
    expect((await graph.run(feeds, options))["x"]?.data).toEqual(Float32Array.of(-1));
    await expect(graph.run(feeds, options)).rejects.toMatchObject({ code: "INFERENCE_FAILED" });
    expect(await graph.run(feeds, options)).toEqual(feeds);
    await graph.dispose();
  });
});

describe("a graph with several holders", () => {
  const makeShared = async () => {
    let disposals = 0;
    const shared = createOnnxGraph({
      device: "cpu",
      thread: await startThread(echo),
      restart: () => startThread(echo),
      onDispose: () => {
        disposals += 1;
      },
    });
    return { shared, one: shared.handle(), two: shared.handle(), disposals: () => disposals };
  };

  test("lives as long as one of them does", async () => {
    const { shared, one, two, disposals } = await makeShared();
    await one.dispose();
    await one.dispose();
    await expect(one.run(feeds)).rejects.toMatchObject({ code: "DISPOSED" });
    expect(await two.run(feeds)).toEqual(feeds);
    expect([shared.alive, shared.held, disposals()]).toEqual([true, true, 0]);
    await two.dispose();
    expect([shared.alive, shared.held, disposals()]).toEqual([false, false, 1]);
  });

  test("rejects the calls of the one that leaves, and keeps the other's", async () => {
    const { one, two } = await makeShared();
    const outcomes = Promise.allSettled([two.run(feeds), one.run(feeds), two.run(feeds)]);
    await one.dispose();
    expect(await outcomes).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: { code: "DISPOSED" } },
      { status: "fulfilled" },
    ]);
    await two.dispose();
  });
});
