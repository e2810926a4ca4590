import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import type { Prompt } from "../../prompt/prompt.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";
import { sam2HuggingFace } from "./sam2-hf.js";

const embedding = {
  "image_embeddings.0": float32Tensor(new Float32Array(1), [1]),
  "image_embeddings.1": float32Tensor(new Float32Array(1), [1]),
  "image_embeddings.2": float32Tensor(new Float32Array(1), [1]),
};

function decoder(objects: number, { side = 256, presence = 5 } = {}) {
  return recordingGraph(
    {
      input_points: [null, null, null, 2],
      input_labels: [null, null, null],
      input_boxes: [null, null, 4],
      "image_embeddings.0": [null, 32, 256, 256],
      "image_embeddings.1": [null, 64, 128, 128],
      "image_embeddings.2": [null, 256, 64, 64],
    },
    {
      iou_scores: float32Tensor(
        Float32Array.from({ length: objects * 3 }, (_, index) => [0.25, 0.5, 0.75][index % 3]!),
        [1, objects, 3],
      ),
      pred_masks: numberedPlanes(objects * 3, side, [1, objects, 3, side, side]),
      object_score_logits: float32Tensor(new Float32Array(objects).fill(presence), [1, objects, 1]),
    },
    { input_labels: "int64" },
  );
}

const picture = { width: 1800, height: 1200 };
const click = (x: number, y: number, label: 0 | 1 = 1) => ({ x, y, label });
const box = { x0: 180, y0: 120, x1: 900, y1: 600 };

async function decode(graph: ReturnType<typeof decoder>, prompts: readonly Prompt[], size = 1024) {
  const spec = frameSpec({ size, resize: "stretch" });
  return sam2HuggingFace.decode(graph, embedding, fitToFrame(picture, size, "stretch"), prompts, spec, {});
}

const shapes = ({ runs }: ReturnType<typeof decoder>) =>
  runs.map(({ feeds }) =>
    ["input_points", "input_labels", "input_boxes"].map((name) => feeds[name]!.dims.join(" × ")),
  );

describe("the prompts of layout C", () => {
  it("are points of several objects with no box, filled up by ignored entries", async () => {
    const graph = decoder(2);
    await decode(graph, [{ points: [click(450, 300)] }, { points: [click(900, 600), click(1350, 900, 0)] }]);
    expect(shapes(graph)).toEqual([["1 × 2 × 2 × 2", "1 × 2 × 2", "1 × 0 × 4"]]);
    const { feeds } = graph.runs[0]!;
    expect(values(feeds, "input_points")).toEqual([256, 256, 0, 0, 512, 512, 768, 768]);
    expect(values(feeds, "input_labels")).toEqual([1, -10, 1, 0]);
    expect(feeds["input_labels"]!.type).toBe("int64");
  });

  it("are several boxes in one run with no points", async () => {
    const graph = decoder(2);
    await decode(graph, [
      { points: [], box },
      { points: [], box: { ...box, x0: 450 } },
    ]);
    expect(shapes(graph)).toEqual([["1 × 1 × 0 × 2", "1 × 2 × 0", "1 × 2 × 4"]]);
    const expected = [102.4, 102.4, 512, 512, 256, 102.4, 512, 512];
    values(graph.runs[0]!.feeds, "input_boxes").forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 3);
    });
  });

  it("are one box and its points in a run of their own", async () => {
    const graph = decoder(1);
    const prompt: Prompt = { points: [click(1, 2), click(3, 4, 0)], box };
    await decode(graph, [prompt, prompt]);
    const alone = ["1 × 1 × 2 × 2", "1 × 1 × 2", "1 × 1 × 4"];
    expect(shapes(graph)).toEqual([alone, alone]);
  });

  it("lie in the frame of the spec: 1008 for SAM3's tracker, with planes of 288", async () => {
    const graph = decoder(1, { side: 288 });
    const [object] = await decode(graph, [{ points: [click(900, 600)] }], 1008);
    expect(values(graph.runs[0]!.feeds, "input_points")).toEqual([504, 504]);
    const plane = object!.planes[0]!;
    expect(plane).toMatchObject({ width: 288, height: 288 });
    // Stretched: the whole plane is the whole picture.
    expect(plane.scaleX).toBeCloseTo(288 / 1800, 9);
    expect(plane.scaleY).toBeCloseTo(288 / 1200, 9);
  });
});

describe("the scores of layout C", () => {
  it("are the predicted IoU where an object is there", async () => {
    const [object] = await decode(decoder(1, { presence: 0.01 }), [{ points: [click(1, 1)] }]);
    expect(object!.scores).toEqual([0.25, 0.5, 0.75]);
  });

  it.each([0, -3])("shrink by the probability of an object at a logit of %d", async (presence) => {
    const [object] = await decode(decoder(1, { presence }), [{ points: [click(1, 1)] }]);
    const share = 1 / (1 + Math.exp(-presence));
    expect(object!.scores[0]).toBeCloseTo(0.25 * share, 6);
    expect(object!.scores[2]).toBeCloseTo(0.75 * share, 6);
    expect(object!.planes.map(({ data }) => data[0])).toEqual([1, 2, 3]);
  });
});
