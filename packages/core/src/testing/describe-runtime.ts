import { afterEach, describe, expect } from "vitest";
import type { FileLocation, Graph, GraphLoadOptions, Runtime } from "../backend/runtime.js";
import { float32Tensor, type NamedTensors, type Tensor } from "../backend/tensor.js";
import {
  type ContractSuiteOptions,
  countingSignal,
  delay,
  dutyTests,
  expectRejection,
} from "./contract-suite.js";
import {
  identityModel,
  lookupModel,
  shiftData,
  shiftFileName,
  shiftModel,
  sumAndDifferenceModel,
} from "./onnx-graphs.js";
import { loadSlowGraph } from "./slow-graph.js";

export type RuntimeDuty =
  | "metadata"
  | "run"
  | "element-types"
  | "feeds-kept"
  | "transfer"
  | "keep"
  | "output-choice"
  | "feed-checks"
  | "overlap"
  | "independent-failures"
  | "model-checks"
  | "load-from-path"
  | "external-data"
  | "devices"
  | "abort"
  | "dispose"
  | "several-graphs"
  | "free-thread";

export interface RuntimeSuiteOptions extends ContractSuiteOptions<RuntimeDuty> {
  /**
   * Writes files into a folder that lives at least as long as the test and gives their paths by name. Without
   * it the duties that need files are skipped: a runtime in a browser has none.
   */
  readonly writeFiles?: (
    files: Readonly<Record<string, Uint8Array>>,
  ) => Promise<Readonly<Record<string, string>>>;
}

/**
 * The duties of a {@link Runtime}, with tiny graphs made in code: no download, no fixture.
 * @param factory - Makes a fresh runtime for each test; the suite disposes it.
 */
export function describeRuntime(
  name: string,
  factory: () => Runtime | Promise<Runtime>,
  { knownGaps, writeFiles }: RuntimeSuiteOptions = {},
): void {
  const duty = dutyTests<RuntimeDuty>(
    writeFiles
      ? knownGaps
      : {
          "load-from-path": "the suite was given no writeFiles",
          "external-data": "the suite was given no writeFiles",
          ...knownGaps,
        },
  );
  const runtimes: Runtime[] = [];
  const makeRuntime = async () => {
    const runtime = await factory();
    runtimes.push(runtime);
    return runtime;
  };
  const load = async (model: Uint8Array, options?: GraphLoadOptions): Promise<Graph> =>
    (await makeRuntime()).load({ model: fromBytes(model) }, options);
  const files = async (contents: Readonly<Record<string, Uint8Array>>) =>
    (await writeFiles?.(contents)) ?? {};

  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((runtime) => runtime.dispose()));
  });

  describe(`Runtime contract: ${name}`, () => {
    duty("metadata", "names its engine, its devices and its version of the contract", async () => {
      const runtime = await makeRuntime();
      expect(runtime.contractVersion).toBe(1);
      expect(runtime.name).not.toBe("");
      expect(runtime.devices.length).toBeGreaterThan(0);
      expect(new Set(runtime.devices.map((device) => device.id)).size).toBe(runtime.devices.length);
    });

    duty("metadata", "tells names, types and shapes of a graph, with open axes as null", async () => {
      const graph = await load(sumAndDifferenceModel());
      expect(graph.inputs).toEqual([
        { name: "left", type: "float32", dims: [null, 2] },
        { name: "right", type: "float32", dims: [null, 2] },
      ]);
      expect(graph.outputs).toEqual([
        { name: "sum", type: "float32", dims: [null, 2] },
        { name: "difference", type: "float32", dims: [null, 2] },
      ]);
    });

    duty("run", "computes every output, for any length of an open axis", async () => {
      const graph = await load(sumAndDifferenceModel());
      expectSumAndDifference(await graph.run(pair([1, 2], [10, 20])), [11, 22], [-9, -18]);
      expectSumAndDifference(
        await graph.run(pair([1, 2, 3, 4], [5, 6, 7, 8])),
        [6, 8, 10, 12],
        [-4, -4, -4, -4],
      );
      expectSumAndDifference(await graph.run(pair([], [])), [], []);
    });

    for (const tensor of oneTensorOfEachType) {
      duty("element-types", `carries ${tensor.type} tensors unchanged`, async () => {
        const graph = await load(identityModel(tensor.type));
        expect(graph.inputs).toEqual([{ name: "input", type: tensor.type, dims: [null] }]);
        const { output } = await graph.run({ input: tensor });
        expect(output).toEqual(tensor);
      });

      duty("element-types", `carries ${tensor.type} tensors without a single element`, async () => {
        const graph = await load(identityModel(tensor.type));
        const empty = { ...tensor, dims: [0], data: tensor.data.subarray(0, 0) } as Tensor;
        const { output } = await graph.run({ input: empty });
        expect(output).toMatchObject({ type: tensor.type, dims: [0] });
        expect(output?.data).toHaveLength(0);
        expect(output?.data.constructor).toBe(tensor.data.constructor);
      });
    }

    duty("feeds-kept", "leaves feeds to the caller", async () => {
      const graph = await load(sumAndDifferenceModel());
      const feeds = pair([1, 2], [3, 4]);
      expectSumAndDifference(await graph.run(feeds), [4, 6], [-2, -2]);
      expect(feeds).toEqual(pair([1, 2], [3, 4]));
      expectSumAndDifference(await graph.run(feeds), [4, 6], [-2, -2]);
    });

    duty(
      "feeds-kept",
      "reads a feed that is a view on part of a larger buffer, and one buffer fed twice",
      async () => {
        const graph = await load(sumAndDifferenceModel());
        const large = Float32Array.from([9, 9, 1, 2, 9]);
        const view = float32Tensor(large.subarray(2, 4), [1, 2]);
        expectSumAndDifference(await graph.run({ left: view, right: view }), [2, 4], [0, 0]);
        expect([...large]).toEqual([9, 9, 1, 2, 9]);
      },
    );

    duty(
      "feeds-kept",
      "gives outputs that are the caller's: a later run does not write into them",
      async () => {
        const graph = await load(sumAndDifferenceModel());
        const first = await graph.run(pair([1, 2], [3, 4]));
        await graph.run(pair([100, 200], [300, 400]));
        expectSumAndDifference(first, [4, 6], [-2, -2]);
        expect(first["sum"]?.data.buffer).not.toBe(first["difference"]?.data.buffer);
      },
    );

    duty("transfer", "accepts feeds that are given away", async () => {
      const graph = await load(sumAndDifferenceModel());
      expectSumAndDifference(
        await graph.run(pair([1, 2], [3, 4]), { transfer: ["left", "right"] }),
        [4, 6],
        [-2, -2],
      );
      const shared = float32Tensor(Float32Array.from([1, 2]), [1, 2]);
      expectSumAndDifference(
        await graph.run({ left: shared, right: shared }, { transfer: ["left", "right"] }),
        [2, 4],
        [0, 0],
      );
    });

    duty("transfer", "never takes the rest of a buffer along with a view that is given away", async () => {
      const graph = await load(sumAndDifferenceModel());
      const large = Float32Array.from([9, 9, 1, 2, 9]);
      const left = float32Tensor(large.subarray(2, 4), [1, 2]);
      const right = float32Tensor(Float32Array.from([1, 1]), [1, 2]);
      expectSumAndDifference(await graph.run({ left, right }, { transfer: ["left"] }), [2, 3], [0, 1]);
      expect([...large]).toEqual([9, 9, 1, 2, 9]);
    });

    duty("transfer", "takes feeds in shared memory, given away or not", async () => {
      const graph = await load(sumAndDifferenceModel());
      const data = new Float32Array(new SharedArrayBuffer(8));
      data.set([1, 2]);
      const left = float32Tensor(data, [1, 2]);
      const right = float32Tensor(Float32Array.from([1, 1]), [1, 2]);
      expectSumAndDifference(await graph.run({ left, right }), [2, 3], [0, 1]);
      expectSumAndDifference(await graph.run({ left, right }, { transfer: ["left"] }), [2, 3], [0, 1]);
      expect([...data]).toEqual([1, 2]);
    });

    duty("transfer", "refuses to take a feed that is not there", async () => {
      const graph = await load(sumAndDifferenceModel());
      const error = await expectRejection(
        graph.run(pair([1, 2], [3, 4]), { transfer: ["middle"] }),
        "INVALID_INPUT",
      );
      expect(error.message).toContain("middle");
    });

    duty("keep", "reads feeds that stay where the graph runs, each for itself", async () => {
      const graph = await load(sumAndDifferenceModel());
      const lasting = [1, 2, 3].map((value) => float32Tensor(Float32Array.of(value, value * 10), [1, 2]));
      for (const right of [5, 6]) {
        for (const left of lasting) {
          const feeds = { left, right: float32Tensor(Float32Array.of(right, right), [1, 2]) };
          const [one, ten] = left.data as Float32Array;
          expectSumAndDifference(
            await graph.run(feeds, { keep: ["left"], transfer: ["right"] }),
            [one! + right, ten! + right],
            [one! - right, ten! - right],
          );
        }
      }
      expect(lasting[0]?.data).toEqual(Float32Array.of(1, 10));
    });

    duty(
      "keep",
      "takes one array under two names, in another shape, and as a part of a larger one",
      async () => {
        const graph = await load(sumAndDifferenceModel());
        const large = Float32Array.from([9, 9, 1, 2, 3, 4, 9]);
        const data = large.subarray(2, 6);
        const asRows = float32Tensor(data, [2, 2]);
        const keep = ["left", "right"];
        for (let round = 0; round < 2; round++) {
          expectSumAndDifference(
            await graph.run({ left: asRows, right: asRows }, { keep }),
            [2, 4, 6, 8],
            [0, 0, 0, 0],
          );
        }
        const identity = await load(identityModel("uint8"));
        const bytes = Uint8Array.of(1, 2, 3, 4);
        const flat = { type: "uint8", dims: [4], data: bytes } as const;
        for (let round = 0; round < 2; round++) {
          expect((await identity.run({ input: flat }, { keep: ["input"] }))["output"]).toEqual(flat);
        }
        expect([...large]).toEqual([9, 9, 1, 2, 3, 4, 9]);
      },
    );

    duty("keep", "survives a run that fails", async () => {
      const graph = await load(lookupModel());
      const table = float32Tensor(Float32Array.from([5, 6, 7]), [3]);
      const lookup = (index: bigint) =>
        graph.run(
          { table, index: { type: "int64", data: BigInt64Array.of(index), dims: [1] } },
          { keep: ["table"] },
        );
      await expectRejection(lookup(99n), "INFERENCE_FAILED");
      expect((await lookup(1n))["output"]?.data).toEqual(Float32Array.of(6));
      await expectRejection(lookup(99n), "INFERENCE_FAILED");
      expect((await lookup(2n))["output"]?.data).toEqual(Float32Array.of(7));
    });

    duty("keep", "refuses to keep a feed that is not there", async () => {
      const graph = await load(sumAndDifferenceModel());
      const error = await expectRejection(
        graph.run(pair([1, 2], [3, 4]), { keep: ["middle"] }),
        "INVALID_INPUT",
      );
      expect(error.message).toContain("middle");
    });

    duty("output-choice", "returns only the outputs asked for", async () => {
      const graph = await load(sumAndDifferenceModel());
      const outputs = await graph.run(pair([1, 2], [3, 4]), { outputs: ["difference"] });
      expect(Object.keys(outputs)).toEqual(["difference"]);
      expect([...(outputs["difference"]?.data ?? [])]).toEqual([-2, -2]);
      const error = await expectRejection(
        graph.run(pair([1, 2], [3, 4]), { outputs: ["product"] }),
        "INVALID_INPUT",
      );
      expect(error.message).toContain("product");
    });

    const wrongFeeds: readonly (readonly [what: string, field: string, feeds: NamedTensors])[] = [
      ["a missing feed", "feeds.right", { left: float32Tensor(new Float32Array(2), [1, 2]) }],
      [
        "an unknown feed",
        "feeds.middle",
        { ...pair([1, 2], [3, 4]), middle: float32Tensor(new Float32Array(2), [1, 2]) },
      ],
      [
        "a wrong element type",
        "feeds.left",
        { ...pair([1, 2], [3, 4]), left: { type: "int32", data: new Int32Array(2), dims: [1, 2] } },
      ],
      [
        "an array that does not carry its type",
        "feeds.left",
        {
          ...pair([1, 2], [3, 4]),
          left: { type: "float32", data: new Int32Array(2), dims: [1, 2] } as unknown as Tensor,
        },
      ],
      [
        "a wrong number of axes",
        "feeds.left",
        { ...pair([1, 2], [3, 4]), left: float32Tensor(new Float32Array(2), [2]) },
      ],
      [
        "a wrong length of a fixed axis",
        "feeds.left",
        { ...pair([1, 2], [3, 4]), left: float32Tensor(new Float32Array(3), [1, 3]) },
      ],
      [
        "a negative length",
        "feeds.left",
        { ...pair([1, 2], [3, 4]), left: float32Tensor(new Float32Array(2), [-1, 2]) },
      ],
      [
        "data that does not fill its shape",
        "feeds.left",
        { ...pair([1, 2], [3, 4]), left: float32Tensor(new Float32Array(3), [1, 2]) },
      ],
    ];
    for (const [what, field, feeds] of wrongFeeds) {
      duty("feed-checks", `refuses ${what} by name, and runs on`, async () => {
        const graph = await load(sumAndDifferenceModel());
        const error = await expectRejection(graph.run(feeds), "INVALID_INPUT");
        expect(error.message).toContain(field);
        expect(error.field).toContain(field);
        expectSumAndDifference(await graph.run(pair([1, 2], [3, 4])), [4, 6], [-2, -2]);
      });
    }

    duty("overlap", "keeps order and results of overlapping runs", async () => {
      const graph = await load(sumAndDifferenceModel());
      const finished: number[] = [];
      const results = await Promise.all(
        Array.from({ length: 25 }, async (_, index) => {
          const outputs = await graph.run(pair([index, index], [1, 2]));
          finished.push(index);
          return [...(outputs["sum"]?.data ?? [])];
        }),
      );
      expect(results).toEqual(Array.from({ length: 25 }, (_, index) => [index + 1, index + 2]));
      expect(finished).toEqual(Array.from({ length: 25 }, (_, index) => index));
    });

    duty("independent-failures", "does not let a failed run touch the ones beside it", async () => {
      const graph = await load(lookupModel());
      const lookup = (index: bigint) =>
        graph.run({
          table: float32Tensor(Float32Array.from([5, 6, 7]), [3]),
          index: { type: "int64", data: BigInt64Array.of(index), dims: [1] },
        });
      const [before, failed, after] = await Promise.allSettled([lookup(0n), lookup(99n), lookup(2n)]);
      expect(before).toMatchObject({ status: "fulfilled", value: { output: { data: Float32Array.of(5) } } });
      expect(failed).toMatchObject({ status: "rejected", reason: { code: "INFERENCE_FAILED" } });
      expect(after).toMatchObject({ status: "fulfilled", value: { output: { data: Float32Array.of(7) } } });
      expect((await lookup(1n))["output"]?.data).toEqual(Float32Array.of(6));
    });

    const text = new TextEncoder().encode("this is no model, but it is long enough to be one".repeat(20));
    const brokenModels: readonly (readonly [what: string, bytes: Uint8Array])[] = [
      ["no bytes", new Uint8Array(0)],
      ["text", text],
      ["a truncated model", sumAndDifferenceModel().subarray(0, 90)],
    ];
    for (const [what, bytes] of brokenModels) {
      duty("model-checks", `refuses ${what}, and loads the next model`, async () => {
        const runtime = await makeRuntime();
        await expectRejection(runtime.load({ model: fromBytes(bytes) }), "MODEL_CORRUPT");
        const graph = await runtime.load({ model: fromBytes(sumAndDifferenceModel()) });
        expectSumAndDifference(await graph.run(pair([1, 2], [3, 4])), [4, 6], [-2, -2]);
      });
    }

    duty(
      "model-checks",
      "leaves the bytes of a model to the caller, and reads a view on part of a larger buffer",
      async () => {
        const model = sumAndDifferenceModel();
        const large = new Uint8Array(model.length + 20).fill(0xff);
        large.set(model, 10);
        const graph = await load(large.subarray(10, 10 + model.length));
        expect(large.length).toBe(model.length + 20);
        expectSumAndDifference(await graph.run(pair([1, 2], [3, 4])), [4, 6], [-2, -2]);
      },
    );

    duty("load-from-path", "loads a graph from a path, and refuses a path without a file", async () => {
      const runtime = await makeRuntime();
      const paths = await files({ "sum.onnx": sumAndDifferenceModel() });
      const graph = await runtime.load({ model: atPath(paths["sum.onnx"]) });
      expectSumAndDifference(await graph.run(pair([1, 2], [3, 4])), [4, 6], [-2, -2]);
      await expectRejection(
        runtime.load({ model: atPath(`${paths["sum.onnx"]}.missing`) }),
        "MODEL_NOT_FOUND",
      );
    });

    duty("external-data", "finds constants that live outside the model, wherever they are", async () => {
      const runtime = await makeRuntime();
      const model = shiftModel();
      const data = shiftData();
      const together = await files({ "model.onnx": model, [shiftFileName]: data });
      const renamed = await files({ "0123.blob": model, "4567.blob": data });
      const external = (location: FileLocation) => [{ name: shiftFileName, location }];
      const places = {
        "paths side by side": {
          model: atPath(together["model.onnx"]),
          externalData: external(atPath(together[shiftFileName])),
        },
        "paths under other names": {
          model: atPath(renamed["0123.blob"]),
          externalData: external(atPath(renamed["4567.blob"])),
        },
        "bytes only": { model: fromBytes(model), externalData: external(fromBytes(data)) },
        "a path and bytes": { model: atPath(renamed["0123.blob"]), externalData: external(fromBytes(data)) },
        "bytes and a path": { model: fromBytes(model), externalData: external(atPath(renamed["4567.blob"])) },
      };
      for (const [place, graphFiles] of Object.entries(places)) {
        const graph = await runtime.load(graphFiles);
        const { output } = await graph.run({ input: float32Tensor(Float32Array.of(1, 2, 3), [3]) });
        expect(output?.data, place).toEqual(Float32Array.of(11, 22, 33));
      }
      // Listed or not: what lies beside the model is found by the name that the graph holds.
      const beside = await runtime.load({ model: atPath(together["model.onnx"]) });
      const { output } = await beside.run({ input: float32Tensor(Float32Array.of(1, 2, 3), [3]) });
      expect(output?.data).toEqual(Float32Array.of(11, 22, 33));
      await expectRejection(runtime.load({ model: atPath(renamed["0123.blob"]) }), "MODEL_CORRUPT");
      await expectRejection(runtime.load({ model: fromBytes(model) }), "MODEL_CORRUPT");
      const lost = {
        model: fromBytes(model),
        externalData: external(atPath(`${renamed["4567.blob"]}.missing`)),
      };
      await expectRejection(runtime.load(lost), "MODEL_NOT_FOUND");
    });

    duty(
      "devices",
      "loads on a device by name, on the best one by default, and refuses one that it does not have",
      async () => {
        const runtime = await makeRuntime();
        const ids = runtime.devices.map((device) => device.id);
        const model = fromBytes(sumAndDifferenceModel());
        let loaded = 0;
        for (const device of ids) {
          // A device that only may work here may also turn out not to.
          const graph = await runtime.load({ model }, { device }).catch((error: unknown) => {
            expect(error).toMatchObject({ code: "DEVICE_UNAVAILABLE", field: "device" });
          });
          if (!graph) continue;
          expect(graph.device).toBe(device);
          loaded++;
        }
        expect(loaded).toBeGreaterThan(0);
        expect(ids).toContain((await runtime.load({ model }, { device: "auto" })).device);
        const error = await expectRejection(
          runtime.load({ model }, { device: "abacus" }),
          "DEVICE_UNAVAILABLE",
        );
        expect(error.message).toContain("abacus");
      },
    );

    duty(
      "devices",
      "says how a graph came to its device, and chooses one alike without a graph",
      async () => {
        const runtime = await makeRuntime();
        const model = fromBytes(sumAndDifferenceModel());
        for (const workload of ["large", "small"] as const) {
          const graph = await runtime.load({ model }, { workload });
          const chosen = await runtime.chooseDevice?.({ workload });
          if (chosen) expect(chosen.id).toBe(graph.device);
          const { deviceReport } = graph;
          if (!deviceReport) continue;
          expect(deviceReport).toMatchObject({ wanted: "auto", taken: graph.device });
          expect(deviceReport.trials.at(-1)).toMatchObject({ device: graph.device, outcome: "taken" });
          expect(deviceReport.trials.filter(({ outcome }) => outcome === "taken")).toHaveLength(1);
          for (const { reason } of deviceReport.trials) expect(reason).not.toBe("");
        }
      },
    );

    duty("abort", "does not start when the signal has fired already", async () => {
      const runtime = await makeRuntime();
      const model = fromBytes(sumAndDifferenceModel());
      await expectRejection(runtime.load({ model }, { signal: AbortSignal.abort() }), "ABORTED");
      const graph = await runtime.load({ model });
      await expectRejection(graph.run(pair([1, 2], [3, 4]), { signal: AbortSignal.abort() }), "ABORTED");
      expectSumAndDifference(await graph.run(pair([1, 2], [3, 4])), [4, 6], [-2, -2]);
    });

    duty("abort", "drops an aborted load, and loads again", async () => {
      const runtime = await makeRuntime();
      const model = fromBytes(sumAndDifferenceModel());
      const controller = new AbortController();
      const loading = runtime.load({ model }, { signal: controller.signal });
      controller.abort();
      await expectRejection(loading, "ABORTED");
      expectSumAndDifference(
        await (await runtime.load({ model })).run(pair([1, 2], [3, 4])),
        [4, 6],
        [-2, -2],
      );
    });

    duty("abort", "drops a waiting call and keeps its neighbours", async () => {
      const slow = await loadSlowGraph(await makeRuntime());
      const controller = new AbortController();
      const settled: string[] = [];
      const first = slow.run(300).finally(() => settled.push("first"));
      const second = slow.run(300, { signal: controller.signal }).finally(() => settled.push("second"));
      const third = slow.run(1).finally(() => settled.push("third"));
      controller.abort();
      await expectRejection(second, "ABORTED");
      expect(settled).toEqual(["second"]);
      expect(await Promise.all([first, third])).toEqual([slow.expected, slow.expected]);
      expect(settled).toEqual(["second", "first", "third"]);
    });

    duty("abort", "rejects at once when a run under way is aborted, and runs on", async () => {
      const slow = await loadSlowGraph(await makeRuntime());
      const controller = new AbortController();
      let nextFinished = false;
      const running = slow.run(500, { signal: controller.signal });
      const next = slow.run(300).finally(() => {
        nextFinished = true;
      });
      await delay(50);
      controller.abort();
      await expectRejection(running, "ABORTED");
      expect(nextFinished).toBe(false);
      expect(await next).toBe(slow.expected);
    });

    duty("abort", "says TIMEOUT when the signal came from a timeout", async () => {
      const slow = await loadSlowGraph(await makeRuntime());
      await expectRejection(slow.run(500, { signal: AbortSignal.timeout(30) }), "TIMEOUT");
    });

    duty("abort", "leaves no listener on the signal", async () => {
      const { controller, listeners } = countingSignal();
      const { signal } = controller;
      const graph = await load(sumAndDifferenceModel(), { signal });
      await Promise.all([
        graph.run(pair([1, 2], [3, 4]), { signal }),
        graph.run(pair([1, 2], [3, 4]), { signal }),
      ]);
      await expectRejection(graph.run({}, { signal }), "INVALID_INPUT");
      expect(listeners()).toBe(0);
    });

    duty("dispose", "is safe to call twice, and ends the graph", async () => {
      const graph = await load(sumAndDifferenceModel());
      await graph.run(pair([1, 2], [3, 4]));
      await Promise.all([graph.dispose(), graph.dispose()]);
      await graph.dispose();
      await expectRejection(graph.run(pair([1, 2], [3, 4])), "DISPOSED");
    });

    duty("dispose", "ends every graph together with the runtime", async () => {
      const runtime = await makeRuntime();
      const graph = await runtime.load({ model: fromBytes(sumAndDifferenceModel()) });
      await runtime.dispose();
      await runtime.dispose();
      await expectRejection(graph.run(pair([1, 2], [3, 4])), "DISPOSED");
      await expectRejection(runtime.load({ model: fromBytes(sumAndDifferenceModel()) }), "DISPOSED");
      await graph.dispose();
    });

    duty("dispose", "rejects a load that is under way when the runtime goes", async () => {
      const runtime = await makeRuntime();
      const loading = runtime.load({ model: fromBytes(sumAndDifferenceModel()) });
      const rejected = expectRejection(loading, "DISPOSED");
      await runtime.dispose();
      await rejected;
    });

    duty("dispose", "rejects calls that are waiting or under way", async () => {
      const slow = await loadSlowGraph(await makeRuntime());
      const running = expectRejection(slow.run(300), "DISPOSED");
      const waiting = expectRejection(slow.run(300), "DISPOSED");
      await delay(20);
      await slow.graph.dispose();
      await Promise.all([running, waiting]);
    });

    duty(
      "several-graphs",
      "runs several graphs side by side, and disposes one without the others",
      async () => {
        const runtime = await makeRuntime();
        const model = fromBytes(sumAndDifferenceModel());
        const [one, two, three] = await Promise.all([
          runtime.load({ model }),
          runtime.load({ model }),
          runtime.load({ model }),
        ]);
        await one.dispose();
        const [second, third] = await Promise.all([
          two.run(pair([1, 2], [3, 4])),
          three.run(pair([5, 6], [1, 1])),
        ]);
        expectSumAndDifference(second, [4, 6], [-2, -2]);
        expectSumAndDifference(third, [6, 7], [4, 5]);
      },
    );

    duty("free-thread", "keeps the caller's thread free while a graph runs", async () => {
      const slow = await loadSlowGraph(await makeRuntime());
      let ticks = 0;
      const timer = setInterval(() => {
        ticks += 1;
      }, 5);
      const start = performance.now();
      await slow.run(400);
      const elapsedMs = performance.now() - start;
      clearInterval(timer);
      // A blocked thread ticks once or twice, a free one some eighty times. A tenth leaves room for a busy
      // machine.
      expect(elapsedMs).toBeGreaterThan(50);
      expect(ticks).toBeGreaterThan(elapsedMs / 50);
    });
  });
}

const oneTensorOfEachType: readonly Tensor[] = [
  { type: "float32", dims: [3], data: Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY) },
  // 1, -2 and the smallest subnormal number.
  { type: "float16", dims: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x0001) },
  { type: "int32", dims: [3], data: Int32Array.of(1, -2, 2 ** 31 - 1) },
  { type: "int64", dims: [3], data: BigInt64Array.of(1n, -2n, 2n ** 53n + 1n) },
  { type: "uint8", dims: [3], data: Uint8Array.of(0, 1, 255) },
  { type: "bool", dims: [3], data: Uint8Array.of(0, 1, 1) },
];

function pair(left: readonly number[], right: readonly number[]): NamedTensors {
  const tensor = (values: readonly number[]) =>
    float32Tensor(Float32Array.from(values), [values.length / 2, 2]);
  return { left: tensor(left), right: tensor(right) };
}

function expectSumAndDifference(
  outputs: NamedTensors,
  sum: readonly number[],
  difference: readonly number[],
): void {
  const dims = [sum.length / 2, 2];
  expect(outputs).toEqual({
    sum: { type: "float32", dims, data: Float32Array.from(sum) },
    difference: { type: "float32", dims, data: Float32Array.from(difference) },
  });
}

function fromBytes(bytes: Uint8Array): FileLocation {
  return { kind: "bytes", bytes };
}

function atPath(path: string | undefined): FileLocation {
  if (path === undefined) throw new Error("writeFiles gave no path for a file");
  return { kind: "path", path };
}
