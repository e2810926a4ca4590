import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { float32Tensor, type Graph, type Runtime } from "@maskery/core";
import { afterEach, describe, expect, test } from "vitest";
import { identityModel, sumAndDifferenceModel } from "../../../core/src/testing/onnx-graphs.js";
import { startGraphThread } from "./graph-worker-thread.js";
import { createRuntimeFrom, type OnnxRuntimeOptions } from "./onnx-runtime.js";
import { temporaryFolders } from "./pretended-devices.test-support.js";

const temporaryFolder = temporaryFolders();
const runtimes: Runtime[] = [];

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.dispose()));
});

/** A runtime, and how many worker threads it started. */
function countingRuntime(options: OnnxRuntimeOptions = {}) {
  let threads = 0;
  const runtime = createRuntimeFrom(options, {
    startThread: (settings) => {
      threads += 1;
      return startGraphThread(settings);
    },
  });
  runtimes.push(runtime);
  return { runtime, threads: () => threads };
}

const pair = {
  left: float32Tensor(Float32Array.of(1, 2), [1, 2]),
  right: float32Tensor(Float32Array.of(3, 4), [1, 2]),
};
const sumOf = async (graph: Graph) => [...(await graph.run(pair))["sum"]!.data];

describe("loads of equal files", () => {
  const atPath = (path: string) => ({ model: { kind: "path", path } as const });
  const modelFile = async (bytes = sumAndDifferenceModel()) => {
    const path = join(await temporaryFolder(), "model.onnx");
    await writeFile(path, bytes);
    return path;
  };

  test("share one worker, at the same time and later, until the last of them is disposed", async () => {
    const { runtime, threads } = countingRuntime();
    const path = await modelFile();
    const [one, two] = await Promise.all([runtime.load(atPath(path)), runtime.load(atPath(path))]);
    const three = await runtime.load(atPath(path));
    expect(threads()).toBe(1);
    expect(await Promise.all([sumOf(one), sumOf(two), sumOf(three)])).toEqual([
      [4, 6],
      [4, 6],
      [4, 6],
    ]);
    await one.dispose();
    await three.dispose();
    expect(await sumOf(two)).toEqual([4, 6]);
    await two.dispose();
    const fresh = await runtime.load(atPath(path));
    expect(await sumOf(fresh)).toEqual([4, 6]);
    expect(threads()).toBe(2);
  });

  test("see a file that was replaced meanwhile", async () => {
    const { runtime } = countingRuntime();
    const path = await modelFile();
    const before = await runtime.load(atPath(path));
    await writeFile(path, identityModel("float32"));
    const after = await runtime.load(atPath(path));
    expect(before.inputs.map(({ name }) => name)).toEqual(["left", "right"]);
    expect(after.inputs.map(({ name }) => name)).toEqual(["input"]);
  });

  test("go on when one of the callers leaves, and stop when all have left", async () => {
    const { runtime } = countingRuntime();
    const path = await modelFile();
    const [leaving, leavingToo] = [new AbortController(), new AbortController()];
    const first = runtime.load(atPath(path), { signal: leaving.signal });
    const second = runtime.load(atPath(path));
    leaving.abort();
    await expect(first).rejects.toMatchObject({ code: "ABORTED" });
    expect(await sumOf(await second)).toEqual([4, 6]);
    await (await second).dispose();
    const third = runtime.load(atPath(path), { signal: leavingToo.signal });
    leavingToo.abort();
    await expect(third).rejects.toMatchObject({ code: "ABORTED" });
    expect(await sumOf(await runtime.load(atPath(path)))).toEqual([4, 6]);
  });

  test("fail together, and can be tried again", async () => {
    const { runtime } = countingRuntime();
    const path = await modelFile(new TextEncoder().encode("no model".repeat(20)));
    const failed = await Promise.allSettled([runtime.load(atPath(path)), runtime.load(atPath(path))]);
    for (const outcome of failed) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "MODEL_CORRUPT" } });
    }
    await writeFile(path, sumAndDifferenceModel());
    expect(await sumOf(await runtime.load(atPath(path)))).toEqual([4, 6]);
  });

  test("share nothing where the runtime was told so, or their options differ", async () => {
    const path = await modelFile();
    const sharing = countingRuntime();
    await Promise.all([sharing.runtime.load(atPath(path)), sharing.runtime.load(atPath(path))]);
    await sharing.runtime.load(atPath(path), { threads: 3 });
    expect(sharing.threads()).toBe(2);
    const apart = countingRuntime({ shareGraphs: false });
    await Promise.all([apart.runtime.load(atPath(path)), apart.runtime.load(atPath(path))]);
    expect(apart.threads()).toBe(2);
  });
});
