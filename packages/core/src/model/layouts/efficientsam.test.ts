import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import { efficientSam } from "./efficientsam.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";

const spec = frameSpec({ resize: "stretch" });
const size = { width: 300, height: 100 };
const fit = fitToFrame(size, 1024, "stretch");
const embedding = { image_embeddings: float32Tensor(new Float32Array(1), [1]) };
const scores = float32Tensor(Float32Array.of(0.1, 0.9, 0.3), [1, 1, 3]);

const inputs = {
  image_embeddings: [null, 256, 64, 64],
  batched_point_coords: [1, 1, null, 2],
  batched_point_labels: [1, 1, null],
  orig_im_size: [2],
};
const published = () =>
  recordingGraph(inputs, {
    output_masks: float32Tensor(new Float32Array(3 * 30000), [1, 1, 3, 100, 300]),
    iou_predictions: scores,
    low_res: numberedPlanes(3, 256, [1, 3, 256, 256]),
  });

const click = (count: number): Prompt["points"] =>
  Array.from({ length: count }, (_, index) => ({ x: 10 + index, y: 20, label: 1 as const }));

describe("EfficientSAM", () => {
  it("takes prompts in the picture's own pixels, and its size as int64, height first", async () => {
    const graph = published();
    const box = { x0: 5, y0: 6, x1: 70, y1: 80.5 };
    await efficientSam.decode(graph, embedding, fit, [{ points: click(1), box }], spec, {});
    const { feeds } = graph.runs[0]!;
    expect(feeds["batched_point_coords"]!.dims).toEqual([1, 1, 3, 2]);
    expect(values(feeds, "batched_point_coords")).toEqual([5, 6, 70, 80.5, 10, 20]);
    expect(feeds["batched_point_labels"]!.dims).toEqual([1, 1, 3]);
    expect(values(feeds, "batched_point_labels")).toEqual([2, 3, 1]);
    expect(feeds["orig_im_size"]).toMatchObject({ type: "int64", dims: [2] });
    expect(values(feeds, "orig_im_size")).toEqual([100, 300]);
  });

  it("gives low-resolution planes over the stretched picture, in the order of the scores", async () => {
    const graph = published();
    const [object] = await efficientSam.decode(graph, embedding, fit, [{ points: click(1) }], spec, {});
    expect(graph.runs[0]!.outputs).toEqual(["low_res", "iou_predictions"]);
    expect(object!.planes.map(({ data }) => data[0])).toEqual([1, 2, 3]);
    expect(object!.scores.map((score) => score.toFixed(1))).toEqual(["0.1", "0.9", "0.3"]);
    expect(object!.planes[0]!.scaleX).toBeCloseTo(256 / 300, 9);
    expect(object!.planes[0]!.scaleY).toBeCloseTo(256 / 100, 9);
  });

  it("makes do with masks at the picture's size where an export has no others", async () => {
    const graph = recordingGraph(inputs, {
      masks: float32Tensor(new Float32Array(3 * 30000), [1, 1, 3, 100, 300]),
      iou: scores,
    });
    const [object] = await efficientSam.decode(graph, embedding, fit, [{ points: click(1) }], spec, {});
    expect(object!.planes[0]).toMatchObject({ width: 300, height: 100 });
    expect(object!.planes[0]!.scaleX).toBeCloseTo(1, 9);
    expect(object!.planes[0]!.scaleY).toBeCloseTo(1, 9);
  });

  it.each([
    [7, undefined, "points: expected at most 6 for this model"],
    [5, { x0: 0, y0: 0, x1: 9, y1: 9 }, "points: expected at most 4 beside a box"],
  ])("refuses %d points, of which the graph would cut some", async (count, box, message) => {
    const prompt: Prompt = { points: click(count), ...(box && { box }) };
    await expect(efficientSam.decode(published(), embedding, fit, [prompt], spec, {})).rejects.toMatchObject({
      code: "UNSUPPORTED_PROMPT",
      field: "points",
      message: expect.stringContaining(message),
    });
  });

  it("takes six", async () => {
    const graph = published();
    await efficientSam.decode(graph, embedding, fit, [{ points: click(6) }], spec, {});
    expect(values(graph.runs[0]!.feeds, "batched_point_labels")).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("sees the picture at its own size in 0..1", async () => {
    const graph = recordingGraph({ batched_images: [null, 3, null, null] }, embedding);
    const image = { width: 2, height: 1, data: Uint8Array.of(255, 0, 51, 255, 0, 255, 102, 255) };
    await efficientSam.encode(graph, image, fitToFrame(image, 1024, "stretch"), spec, {});
    const { feeds } = graph.runs[0]!;
    expect(feeds["batched_images"]!.dims).toEqual([1, 3, 1, 2]);
    const expected = [1, 0, 0, 1, 0.2, 0.4];
    values(feeds, "batched_images").forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 6);
    });
  });
});
