import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import type { Layout } from "../layout.js";
import { edgeSam } from "./edgesam.js";
import { efficientVitSam } from "./efficientvit-sam.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";

const size = { width: 1800, height: 1200 };
const embedding = { image_embeddings: float32Tensor(new Float32Array(1), [1]) };
const inputs = {
  image_embeddings: [1, 256, 64, 64],
  point_coords: [null, null, 2],
  point_labels: [null, null],
};

/** The published runner of both: four masks for each object. */
const graphFor = (objects: number, scoresName: string) =>
  recordingGraph(inputs, {
    [scoresName]: float32Tensor(new Float32Array(objects * 4).fill(0.5), [objects, 4]),
    masks: numberedPlanes(objects * 4, 256, [objects, 4, 256, 256]),
  });

const one: Prompt = { points: [{ x: 500, y: 375, label: 1 }] };
const two: Prompt = { points: [...one.points, { x: 9, y: 9, label: 0 }] };
const box: Prompt = { points: [], box: { x0: 180, y0: 120, x1: 900, y1: 600 } };

describe.each<[string, Layout, number, string]>([
  ["EdgeSAM", edgeSam, 1024, "scores"],
  ["EfficientViT-SAM of 1024", efficientVitSam, 1024, "iou_predictions"],
  ["EfficientViT-SAM of 512", efficientVitSam, 512, "iou_predictions"],
])("%s", (_name, layout, side, scoresName) => {
  const fit = fitToFrame(size, side, "letterbox");
  const spec = frameSpec({ size: side });

  it("takes a click in the frame of 1024, without a padding point", async () => {
    const graph = graphFor(1, scoresName);
    const [object] = await layout.decode(graph, embedding, fit, [one], spec, {});
    const { feeds } = graph.runs[0]!;
    expect(Object.keys(feeds).sort()).toEqual(["image_embeddings", "point_coords", "point_labels"]);
    expect(values(feeds, "point_labels")).toEqual([1]);
    const [x, y] = values(feeds, "point_coords");
    expect(x).toBeCloseTo((500 * 1024) / 1800, 3);
    expect(y).toBeCloseTo((375 * 683) / 1200, 3);
    expect(object!.planes.map(({ data }) => data[0])).toEqual([1, 2, 3, 4]);
    expect(object!.planes[0]!.scaleX).toBeCloseTo(256 / 1800, 9);
    expect(object!.planes[0]!.scaleY).toBeCloseTo((683 / 1200) * 0.25, 9);
  });

  it("takes a box as two labelled corners", async () => {
    const graph = graphFor(1, scoresName);
    await layout.decode(graph, embedding, fit, [box], spec, {});
    expect(values(graph.runs[0]!.feeds, "point_labels")).toEqual([2, 3]);
  });
});

describe("several objects", () => {
  it("share a run of EfficientViT-SAM where they have equally many entries", async () => {
    const graph = graphFor(2, "iou_predictions");
    const fit = fitToFrame(size, 512, "letterbox");
    const objects = await efficientVitSam.decode(
      graph,
      embedding,
      fit,
      [two, box],
      frameSpec({ size: 512 }),
      {},
    );
    expect(graph.runs).toHaveLength(1);
    expect(graph.runs[0]!.feeds["point_coords"]!.dims).toEqual([2, 2, 2]);
    expect(values(graph.runs[0]!.feeds, "point_labels")).toEqual([1, 0, 2, 3]);
    expect(objects.map(({ planes }) => planes[0]!.data[0])).toEqual([1, 5]);
  });

  it("go apart where they have not, as no label fills up without an effect", async () => {
    const graph = graphFor(1, "iou_predictions");
    const fit = fitToFrame(size, 512, "letterbox");
    await efficientVitSam.decode(graph, embedding, fit, [one, two], frameSpec({ size: 512 }), {});
    expect(graph.runs.map(({ feeds }) => values(feeds, "point_labels"))).toEqual([[1], [1, 0]]);
  });

  it("go one by one through EdgeSAM", async () => {
    const graph = graphFor(1, "scores");
    const fit = fitToFrame(size, 1024, "letterbox");
    await edgeSam.decode(graph, embedding, fit, [two, box], frameSpec(), {});
    expect(graph.runs).toHaveLength(2);
  });
});
