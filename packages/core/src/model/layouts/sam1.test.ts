import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import { Mask } from "../../mask/mask.js";
import type { Prompt } from "../../prompt/prompt.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";
import { sam1 } from "./sam1.js";
import { sam1Preprocess } from "./sam1-preprocess.js";

const spec = frameSpec();
/** 1200 × 1800 comes to 683 × 1024, so x and y have factors of their own. */
const fit = fitToFrame({ width: 1800, height: 1200 }, 1024, "letterbox");
const embedding = { image_embeddings: float32Tensor(new Float32Array(1), [1]) };

const decoderInputs = {
  image_embeddings: [1, 256, 64, 64],
  point_coords: [1, null, 2],
  point_labels: [1, null],
  mask_input: [1, 1, 256, 256],
  has_mask_input: [1],
  orig_im_size: [2],
};

const fourMasks = () =>
  recordingGraph(decoderInputs, {
    masks: float32Tensor(new Float32Array(4), [1, 4, 1, 1]),
    iou_predictions: float32Tensor(Float32Array.of(0.9, 0.2, 0.8, 0.5), [1, 4]),
    low_res_masks: numberedPlanes(4, 256, [1, 4, 256, 256]),
  });

async function decode(prompt: Prompt, graph = fourMasks()) {
  const [object] = await sam1.decode(graph, embedding, fit, [prompt], spec, {});
  return { object: object!, feeds: graph.runs[0]!.feeds, outputs: graph.runs[0]!.outputs };
}

const box = { x0: 180, y0: 120, x1: 900, y1: 600 };

describe("the prompts of Meta's decoder export", () => {
  it("are a click in the padded frame, by rounded factors, and a padding point", async () => {
    const { feeds } = await decode({ points: [{ x: 500, y: 375, label: 1 }] });
    expect(feeds["point_coords"]!.dims).toEqual([1, 2, 2]);
    const expected = [(500 * 1024) / 1800, (375 * 683) / 1200, 0, 0];
    values(feeds, "point_coords").forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 3);
    });
    expect(values(feeds, "point_labels")).toEqual([1, -1]);
    expect(values(feeds, "orig_im_size")).toEqual([1200, 1800]);
    expect(feeds["orig_im_size"]!.type).toBe("float32");
    expect(values(feeds, "has_mask_input")).toEqual([0]);
    expect(feeds["mask_input"]!.dims).toEqual([1, 1, 256, 256]);
    expect(values(feeds, "mask_input").every((value) => value === 0)).toBe(true);
  });

  it("are two corners without a padding point for a box", async () => {
    const { feeds } = await decode({ points: [{ x: 500, y: 375, label: 0 }], box });
    expect(values(feeds, "point_labels").sort()).toEqual([0, 2, 3]);
    const labels = values(feeds, "point_labels");
    const corner = (label: number) =>
      values(feeds, "point_coords")
        .slice(labels.indexOf(label) * 2)
        .slice(0, 2);
    expect(corner(2)[0]).toBeCloseTo((180 * 1024) / 1800, 3);
    expect(corner(2)[1]).toBeCloseTo((120 * 683) / 1200, 3);
    expect(corner(3)[0]).toBeCloseTo((900 * 1024) / 1800, 3);
    expect(corner(3)[1]).toBeCloseTo((600 * 683) / 1200, 3);
  });

  it("hold an earlier mask's own logits where they lie in this frame", async () => {
    const data = new Float32Array(256 * 256).fill(-3);
    data.fill(5, 0, 256 * 100);
    const plane = { data, width: 256, height: 256, scaleX: fit.scaleX / 4, scaleY: fit.scaleY / 4 };
    const mask = Mask.fromLogits(plane, 1800, 1200);
    const { feeds } = await decode({ points: [], mask });
    expect(values(feeds, "has_mask_input")).toEqual([1]);
    expect(values(feeds, "mask_input")).toEqual(Array.from(data));
    // Nothing but the mask: the padding point alone.
    expect(values(feeds, "point_labels")).toEqual([-1]);
  });
});

describe("the masks of Meta's decoder export", () => {
  const point = { x: 10, y: 10, label: 1 } as const;

  it.each<[string, Prompt, number[]]>([
    ["a click", { points: [point] }, [2, 3, 4]],
    ["a box", { points: [], box }, [2, 3, 4]],
    ["two clicks", { points: [point, point] }, [1]],
    ["a box and a click", { points: [point], box }, [1]],
  ])("for %s are chosen by the number of entries", async (_title, prompt, planes) => {
    const { object } = await decode(prompt);
    expect(object.planes.map(({ data }) => data[0])).toEqual(planes);
    const scores = [0.9, 0.2, 0.8, 0.5];
    object.scores.forEach((score, index) => {
      expect(score).toBeCloseTo(scores[planes[index]! - 1]!, 6);
    });
  });

  it("lie over the padded frame, and those at the picture's size are not asked for", async () => {
    const { object, outputs } = await decode({ points: [point] });
    expect(outputs).not.toContain("masks");
    expect(object.planes[0]).toMatchObject({ width: 256, height: 256 });
    expect(object.planes[0]!.scaleX).toBeCloseTo((1024 / 1800) * (256 / 1024), 9);
    expect(object.planes[0]!.scaleY).toBeCloseTo((683 / 1200) * (256 / 1024), 9);
  });

  it("of the export with extra metrics are found by their axes", async () => {
    const graph = recordingGraph(decoderInputs, {
      masks: float32Tensor(new Float32Array(4), [1, 4, 1, 1]),
      iou_predictions: float32Tensor(Float32Array.of(0.9, 0.2, 0.8, 0.5), [1, 4]),
      low_res_masks: float32Tensor(new Float32Array(4), [1, 4]),
      "1573": float32Tensor(new Float32Array(4), [1, 4]),
      "1580": numberedPlanes(4, 256, [1, 4, 256, 256]),
    });
    const { object } = await decode({ points: [point] }, graph);
    expect(object.planes.map(({ data }) => data[0])).toEqual([2, 3, 4]);
  });

  it("of the single-mask export are taken as they come", async () => {
    const graph = recordingGraph(decoderInputs, {
      masks: float32Tensor(new Float32Array(1), [1, 1, 1, 1]),
      iou_predictions: float32Tensor(Float32Array.of(0.7), [1, 1]),
      low_res_masks: numberedPlanes(1, 256, [1, 1, 256, 256]),
    });
    const { object } = await decode({ points: [point, point, point] }, graph);
    expect(object.planes).toHaveLength(1);
  });

  it("come one run for each object, since the batch is fixed", async () => {
    const graph = fourMasks();
    const objects = await sam1.decode(
      graph,
      embedding,
      fit,
      [{ points: [point] }, { points: [point, point] }],
      spec,
      {},
    );
    expect(graph.runs).toHaveLength(2);
    expect(objects.map(({ planes }) => planes.length)).toEqual([3, 1]);
  });
});

describe("the picture", () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(255, 0, 10, 255, 255, 0, 10, 255) };
  const small = fitToFrame(image, 4, "letterbox");
  const answer = { anything: float32Tensor(new Float32Array(1), [1, 1, 1, 1]) };

  it("of a raw encoder is normalised and then padded, whatever the tensors are called", async () => {
    const graph = recordingGraph({ x: [1, 3, 4, 4] }, answer);
    const tensors = await sam1.encode(graph, image, small, frameSpec({ size: 4 }), {});
    expect(tensors).toEqual({ image_embeddings: answer.anything });
    const { feeds } = graph.runs[0]!;
    expect(feeds["x"]!.dims).toEqual([1, 3, 4, 4]);
    const data = values(feeds, "x");
    const [red, green, blue] = [(255 - 123.675) / 58.395, (0 - 116.28) / 57.12, (10 - 103.53) / 57.375];
    data.forEach((value, index) => {
      const inside = index % 16 < 8;
      expect(value).toBeCloseTo(inside ? [red, green, blue][Math.floor(index / 16)]! : 0, 5);
    });
  });

  it("of an encoder that prepares it is rows of 0..255 without padding", async () => {
    const graph = recordingGraph({ input_image: [null, null, 3] }, answer);
    await sam1Preprocess.encode(graph, image, small, frameSpec({ size: 4 }), {});
    const { feeds } = graph.runs[0]!;
    expect(feeds["input_image"]!.dims).toEqual([2, 4, 3]);
    expect(values(feeds, "input_image")).toEqual(Array.from({ length: 8 }, () => [255, 0, 10]).flat());
  });
});
