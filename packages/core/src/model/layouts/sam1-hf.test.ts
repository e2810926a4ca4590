import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";
import { sam1HuggingFace } from "./sam1-hf.js";

const spec = frameSpec();
/** 1200 × 1800 comes to 683 × 1024, so x and y have factors of their own. */
const fit = fitToFrame({ width: 1800, height: 1200 }, 1024, "letterbox");
const [scaleX, scaleY] = [1024 / 1800, 683 / 1200];
const embedding = {
  image_embeddings: float32Tensor(new Float32Array(1), [1]),
  image_positional_embeddings: float32Tensor(new Float32Array(1), [1]),
};

const promptInputs = {
  input_points: [null, null, null, 2],
  input_labels: [null, null, null],
  input_boxes: [null, null, 4],
};

/** A decoder that takes these prompts and answers for so many objects. */
function decoder(prompts: readonly (keyof typeof promptInputs)[], objects: number) {
  const inputs = {
    image_embeddings: [null, 256, 64, 64],
    image_positional_embeddings: [null, 256, 64, 64],
    ...Object.fromEntries(prompts.map((name) => [name, promptInputs[name]])),
  };
  return recordingGraph(
    inputs,
    {
      iou_scores: float32Tensor(new Float32Array(objects * 3).fill(0.5), [1, objects, 3]),
      pred_masks: numberedPlanes(objects * 3, 256, [1, objects, 3, 256, 256]),
    },
    { input_labels: "int64" },
  );
}

const click = (x: number, y: number, label: 0 | 1 = 1) => ({ x, y, label });
const box = { x0: 180, y0: 120, x1: 900, y1: 600 };

async function decode(graph: ReturnType<typeof decoder>, prompts: readonly Prompt[]) {
  return sam1HuggingFace.decode(graph, embedding, fit, prompts, spec, {});
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of found.entries()) expect(value).toBeCloseTo(expected[index]!, 3);
}

describe("what an export of layout B can be asked", () => {
  const encoder = recordingGraph({ pixel_values: [null, 3, 1024, 1024] }, embedding);

  it.each([
    [["input_points", "input_labels"], { points: true, negativePoints: true, boxes: false, needsBox: false }],
    [["input_points"], { points: true, negativePoints: false, boxes: false, needsBox: false }],
    [["input_boxes"], { points: false, negativePoints: false, boxes: true, needsBox: true }],
    [
      ["input_points", "input_labels", "input_boxes"],
      { points: true, negativePoints: true, boxes: true, needsBox: true },
    ],
  ] as const)("shows in its inputs: %j", (prompts, abilities) => {
    const graph = decoder(prompts, 1);
    expect(() => sam1HuggingFace.check(encoder, graph)).not.toThrow();
    expect(sam1HuggingFace.abilitiesOf!(graph)).toEqual({
      ...abilities,
      maskInput: false,
      batchObjects: true,
    });
  });

  it("is nothing without points and boxes", () => {
    expect(() => sam1HuggingFace.check(encoder, decoder([], 1))).toThrow(
      /decoder inputs: expected .*input_points/,
    );
  });
});

describe("the prompts of layout B", () => {
  it("are batched by object, without a padding point, and filled up by ignored entries", async () => {
    const graph = decoder(["input_points", "input_labels"], 2);
    await decode(graph, [{ points: [click(500, 375)] }, { points: [click(900, 600), click(0, 10, 0)] }]);
    expect(graph.runs).toHaveLength(1);
    const { feeds } = graph.runs[0]!;
    expect(Object.keys(feeds).sort()).toEqual(graph.inputs.map(({ name }) => name).sort());
    expect(feeds["input_points"]!.dims).toEqual([1, 2, 2, 2]);
    expectClose(values(feeds, "input_points"), [
      500 * scaleX,
      375 * scaleY,
      0,
      0,
      900 * scaleX,
      600 * scaleY,
      0,
      10 * scaleY,
    ]);
    expect(feeds["input_labels"]).toEqual({
      type: "int64",
      dims: [1, 2, 2],
      data: BigInt64Array.of(1n, -10n, 1n, 0n),
    });
  });

  it("share a run only with prompts of equal length where there are no labels, and come back in order", async () => {
    const graph = decoder(["input_points"], 1);
    const objects = await decode(graph, [{ points: [click(1, 1), click(2, 2)] }, { points: [click(3, 3)] }]);
    expect(graph.runs.map(({ feeds }) => feeds["input_points"]!.dims)).toEqual([
      [1, 1, 2, 2],
      [1, 1, 1, 2],
    ]);
    expect(graph.runs[0]!.feeds).not.toHaveProperty("input_labels");
    expect(objects).toHaveLength(2);
  });

  it("are boxes in the padded frame", async () => {
    const graph = decoder(["input_boxes"], 1);
    await decode(graph, [{ points: [], box }]);
    const { feeds } = graph.runs[0]!;
    expect(feeds["input_boxes"]!.dims).toEqual([1, 1, 4]);
    expectClose(values(feeds, "input_boxes"), [180 * scaleX, 120 * scaleY, 900 * scaleX, 600 * scaleY]);
    expect(feeds).not.toHaveProperty("input_points");
  });

  it("have an ignored entry where a box comes without points to a graph that wants both", async () => {
    const graph = decoder(["input_points", "input_labels", "input_boxes"], 1);
    await decode(graph, [{ points: [], box }]);
    const { feeds } = graph.runs[0]!;
    expect(feeds["input_points"]!.dims).toEqual([1, 1, 1, 2]);
    expect(values(feeds, "input_labels")).toEqual([-10]);
  });
});

describe("the masks of layout B", () => {
  it("are three for each object, over the padded frame", async () => {
    const graph = decoder(["input_points", "input_labels"], 2);
    const objects = await decode(graph, [{ points: [click(1, 1)] }, { points: [click(2, 2)] }]);
    expect(objects.map(({ planes }) => planes.map(({ data }) => data[0]))).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(objects[0]!.scores).toEqual([0.5, 0.5, 0.5]);
    const plane = objects[1]!.planes[0]!;
    expect(plane).toMatchObject({ width: 256, height: 256 });
    expect(plane.scaleX).toBeCloseTo(scaleX / 4, 9);
    expect(plane.scaleY).toBeCloseTo(scaleY / 4, 9);
    // Each plane has memory of its own: keeping one must not keep the batch.
    expect(plane.data.buffer.byteLength).toBe(256 * 256 * 4);
  });

  it("of another number of objects are an error that names the output", async () => {
    const graph = decoder(["input_points", "input_labels"], 1);
    await expect(decode(graph, [{ points: [click(1, 1)] }, { points: [click(2, 2)] }])).rejects.toMatchObject(
      {
        code: "INFERENCE_FAILED",
        message: expect.stringMatching(/^pred_masks: expected float32 for 2 objects.*\[1, 1, 3, 256, 256\]/),
      },
    );
  });
});
