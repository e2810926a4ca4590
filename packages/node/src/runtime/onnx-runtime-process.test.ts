import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lookupModel, slowModel, sumAndDifferenceModel } from "../../../core/src/testing/onnx-graphs.js";
import { type BundledSources, bundleSources, runScript } from "../test-support/child-process.js";

/** What a runtime does to the process around it can only be seen from outside. */
describe("onnxruntime in a process of its own", () => {
  let sources: BundledSources;
  let prelude: string;

  beforeAll(async () => {
    sources = await bundleSources('export { createOnnxRuntime } from "./runtime/onnx-runtime.js";');
    await writeFile(join(sources.folder, "sum.onnx"), sumAndDifferenceModel());
    await writeFile(join(sources.folder, "slow.onnx"), slowModel());
    await writeFile(join(sources.folder, "lookup.onnx"), lookupModel());
    prelude = `
      import { createOnnxRuntime } from ${JSON.stringify(sources.href)};
      const runtime = createOnnxRuntime();
      const load = (name, options) => runtime.load({ model: { kind: "path", path: ${JSON.stringify(sources.folder)} + "/" + name } }, options);
      const ones = (...dims) => ({ type: "float32", dims, data: new Float32Array(dims.reduce((a, b) => a * b)).fill(1) });
      const runSlowly = (graph, options) => graph.run({ rows: ones(4096, 256), matrix: ones(256, 256) }, options);
    `;
  });

  afterAll(() => sources.dispose());

  test("a script that is through ends by itself, without dispose", async () => {
    const result = await runScript(`${prelude}
      const graph = await load("sum.onnx");
      const { sum } = await graph.run({ left: ones(1, 2), right: ones(1, 2) });
      console.log([...sum.data].join());
    `);
    expect(result).toEqual({ exitCode: 0, signal: null, standardOutput: "2,2\n", standardError: "" });
  });

  test("a call under way keeps the process alive until it is answered", async () => {
    const result = await runScript(`${prelude}
      load("slow.onnx").then((graph) => runSlowly(graph)).then(({ mean }) => console.log(mean.dims.length));
    `);
    expect(result).toEqual({ exitCode: 0, signal: null, standardOutput: "0\n", standardError: "" });
  });

  test("dispose can be awaited as the last statement, with a call under way", async () => {
    const result = await runScript(`${prelude}
      const graph = await load("slow.onnx");
      const rejected = runSlowly(graph).catch((error) => console.log(error.code));
      await new Promise((resolve) => setTimeout(resolve, 30));
      await runtime.dispose();
      await rejected;
    `);
    expect(result).toEqual({ exitCode: 0, signal: null, standardOutput: "DISPOSED\n", standardError: "" });
  });

  // The binding aborts the process ("terminate called after throwing an instance of 'Napi::Error'") when its
  // thread is ended inside a native call; a process that exits therefore waits for the call.
  test.each([
    [
      "a run",
      "const graph = await load('slow.onnx'); void runSlowly(graph); await new Promise((resolve) => setTimeout(resolve, 50));",
    ],
    ["a load", "void load('slow.onnx'); await new Promise((resolve) => setTimeout(resolve, 60));"],
    ["a load that has just begun", "void load('slow.onnx');"],
  ])("process.exit in the middle of %s keeps its exit code", async (_what, start) => {
    const result = await runScript(`${prelude} ${start} process.exit(7);`);
    expect(result).toEqual({ exitCode: 7, signal: null, standardOutput: "", standardError: "" });
  });

  test("an uncaught error in the middle of a run ends the process as it should", async () => {
    const result = await runScript(`${prelude}
      const graph = await load("slow.onnx");
      void runSlowly(graph);
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error("a mistake of the application");
    `);
    expect(result).toMatchObject({ exitCode: 1, signal: null });
    expect(result.standardError).toContain("a mistake of the application");
    expect(result.standardError).not.toContain("Napi");
  });

  test("an aborted load or run leaves nothing that disturbs the exit", async () => {
    const result = await runScript(`${prelude}
      const graph = await load("slow.onnx");
      await runSlowly(graph, { signal: AbortSignal.timeout(30) }).catch((error) => console.log(error.code));
      await load("slow.onnx", { signal: AbortSignal.timeout(60) }).then(() => console.log("TIMEOUT"), (error) => console.log(error.code));
    `);
    expect(result).toEqual({
      exitCode: 0,
      signal: null,
      standardOutput: "TIMEOUT\nTIMEOUT\n",
      standardError: "",
    });
  });

  test("a failing run prints nothing: the rejection says it all", async () => {
    const result = await runScript(`${prelude}
      const graph = await load("lookup.onnx");
      const outside = { type: "int64", dims: [1], data: BigInt64Array.of(99n) };
      await graph.run({ table: ones(3), index: outside }).catch((error) => console.log(error.code));
      await load("missing.onnx").catch((error) => console.log(error.code));
    `);
    expect(result).toEqual({
      exitCode: 0,
      signal: null,
      standardOutput: "INFERENCE_FAILED\nMODEL_NOT_FOUND\n",
      standardError: "",
    });
  });

  test("nothing of onnxruntime is loaded on the thread of the application, ever", async () => {
    const result = await runScript(`${prelude}
      import { createRequire } from "node:module";
      import { readFileSync } from "node:fs";
      const loaded = () => Object.keys(createRequire(import.meta.url).cache ?? {}).concat(process.report.getReport().sharedObjects).filter((name) => /onnxruntime/.test(name));
      console.log(runtime.name, loaded().length);
      const graph = await load("sum.onnx");
      await graph.run({ left: ones(1, 2), right: ones(1, 2) });
      // The shared library is in the process now; its module is in the worker's own cache, not in this one.
      console.log(Object.keys(createRequire(import.meta.url).cache ?? {}).filter((name) => /onnxruntime/.test(name)).length);
    `);
    expect(result.standardOutput).toMatch(/^onnxruntime-node 1\.\d+\.\d+ 0\n0\n$/);
  });
});
