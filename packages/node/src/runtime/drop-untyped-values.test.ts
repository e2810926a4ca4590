import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { float32Tensor, type GraphFiles } from "@maskery/core";
import { sam2SamexporterModel } from "@maskery/core/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeOnnxModel } from "../../../core/src/testing/onnx-writer.js";
import { dropUntypedValues } from "./drop-untyped-values.js";
import { startGraphThread } from "./graph-worker-thread.js";
import { createOnnxRuntime } from "./onnx-runtime.js";

/** A field of a protobuf message with little in it. */
const field = (number: number, content: readonly number[]) => [number * 8 + 2, content.length, ...content];
const text = (value: string) => [...new TextEncoder().encode(value)];
/** A model with one entry in its graph, in the field of that number, of that type. */
const model = (number: number, type: readonly number[]) =>
  Uint8Array.from([
    8,
    8,
    ...field(7, [...field(2, text("graph")), ...field(number, [...field(1, text("mid")), ...type])]),
  ]);

const valueInfo = 13;
const tensorOf = (content: readonly number[]) => field(2, field(1, content));

describe("entries that are tensors of no type", () => {
  test.each([
    ["type 0", tensorOf([8, 0])],
    ["type 0 and axes", tensorOf([8, 0, ...field(2, [])])],
    ["no type", tensorOf([])],
    ["axes alone", tensorOf(field(2, []))],
  ])("%s: out, by one byte", (_, type) => {
    const file = model(valueInfo, type);
    const before = file.slice();
    expect(dropUntypedValues(file)).toBe(1);
    const changed = [...file.keys()].filter((index) => file[index] !== before[index]);
    expect(changed.map((index) => [before[index], file[index]])).toEqual([[0x6a, 0x1a]]);
    expect(dropUntypedValues(file)).toBe(0);
  });

  test.each([
    ["a type", model(valueInfo, tensorOf([8, 1]))],
    ["a type that stands after another", model(valueInfo, tensorOf([8, 0, 8, 1]))],
    ["nothing said of it", model(valueInfo, [])],
    ["no tensor", model(valueInfo, field(2, field(4, [])))],
    ["an input", model(11, tensorOf([8, 0]))],
    ["an output", model(12, tensorOf([8, 0]))],
    ["a text", Uint8Array.from(text("no model"))],
    ["nothing", new Uint8Array()],
    ["zeros", new Uint8Array(100)],
    ["a file cut in the entry", model(valueInfo, tensorOf([8, 0])).subarray(0, -1)],
    ["a file cut in a number", Uint8Array.of(0x3a, 0xff, 0xff)],
  ])("%s: stays", (_, file) => {
    const before = file.slice();
    expect(dropUntypedValues(file)).toBe(0);
    expect(file).toEqual(before);
  });
});

describe("an encoder with two values of no type, as samexporter's are", () => {
  const { encoder } = sam2SamexporterModel({ untypedLevels: true });
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "maskery-untyped-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const outputsOf = async (files: GraphFiles) => {
    const runtime = createOnnxRuntime({ threads: 1 });
    try {
      const graph = await runtime.load(files, { device: "cpu" });
      return graph.outputs.map(({ name }) => name);
    } finally {
      await runtime.dispose();
    }
  };
  const names = ["high_res_feats_0", "high_res_feats_1", "image_embed"];

  test("the engine refuses it as it is", async () => {
    const started = startGraphThread({
      setup: {
        model: encoder.slice(),
        externalData: [],
        executionProviders: ["cpu"],
        threads: 1,
        memoryArena: true,
        memoryPattern: true,
      },
      transfer: [],
      model: "encoder.onnx",
      device: "cpu",
    });
    await expect(started.ready).rejects.toMatchObject({
      code: "MODEL_CORRUPT",
      message: expect.stringContaining("Invalid tensor data type 0"),
    });
    expect(dropUntypedValues(encoder.slice())).toBe(2);
  });

  test("it loads from bytes, which stay as they are", async () => {
    const bytes = encoder.slice();
    expect(await outputsOf({ model: { kind: "bytes", bytes } })).toEqual(names);
    expect(bytes).toEqual(encoder);
  });

  test("it loads from a file, which stays as it is", async () => {
    const path = join(folder, "encoder.onnx");
    await writeFile(path, encoder);
    expect(await outputsOf({ model: { kind: "path", path } })).toEqual(names);
    expect(new Uint8Array(await readFile(path))).toEqual(encoder);
  });

  test.each([
    ["beside it", "shift.data"],
    ["elsewhere", "elsewhere.data"],
  ])("a graph loads with weights that lie %s", async (_, file) => {
    const path = join(folder, "shift.onnx");
    const dataPath = join(folder, file);
    await writeFile(path, shiftedTwice("Add"));
    await writeFile(dataPath, Float32Array.of(10, 20, 30));
    const externalData = [{ name: "shift.data", location: { kind: "path", path: dataPath } as const }];
    const runtime = createOnnxRuntime({ threads: 1 });
    try {
      const graph = await runtime.load({ model: { kind: "path", path }, externalData }, { device: "cpu" });
      const { output } = await graph.run({ input: float32Tensor(Float32Array.of(1, 2, 3), [3]) });
      expect([...output!.data]).toEqual([21, 42, 63]);
    } finally {
      await runtime.dispose();
      await rm(dataPath);
    }
  });

  test("a graph that is broken otherwise too is refused by its name alone", async () => {
    const path = join(folder, "broken.onnx");
    await writeFile(path, shiftedTwice("Nonsense"));
    const error: unknown = await outputsOf({ model: { kind: "path", path } }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: "MODEL_CORRUPT",
      message: expect.stringMatching(/^broken\.onnx: .*Nonsense/s),
    });
    expect(String(error)).not.toContain(folder);
  });
});

/** `output = input + shift + shift`, where the constant `shift` lies in a file of its own and the value between has no type. */
function shiftedTwice(operator: string): Uint8Array {
  const value = (name: string) => ({ name, type: "float32", dims: [3] }) as const;
  return writeOnnxModel({
    inputs: [value("input")],
    nodes: [
      { operator: "Add", inputs: ["input", "shift"], outputs: ["between"] },
      { operator, inputs: ["between", "shift"], outputs: ["output"] },
    ],
    outputs: [value("output")],
    externalConstants: [{ ...value("shift"), fileName: "shift.data", byteLength: 12 }],
    untypedValues: ["between"],
  });
}
