import { describe, expect, it } from "vitest";
import { float32Tensor } from "../../backend/tensor.js";
import { fitToFrame } from "../../image/frame-fit.js";
import { Mask } from "../../mask/mask.js";
import type { Prompt } from "../../prompt/prompt.js";
import { frameSpec, numberedPlanes, recordingGraph, values } from "./recording-graph.test-support.js";
import { sam2Ibai } from "./sam2-ibai.js";
import { sam2Osam } from "./sam2-osam.js";

const picture = { width: 30, height: 20 };
const spec = frameSpec({ size: 64, resize: "stretch" });
const fit = fitToFrame(picture, 64, "stretch");
const filled = (value: number) => float32Tensor(Float32Array.of(value), [1]);
const box = { x0: 3, y0: 4, x1: 15, y1: 10 };
const prompt: Prompt = { points: [{ x: 15, y: 10, label: 0 }], box };
const mask = Mask.full(30, 20);

describe("layout D2", () => {
  const embedding = { image_embed: filled(1), high_res_feats_0: filled(2), high_res_feats_1: filled(3) };
  const inputs = {
    a: [1, 256, 4, 4],
    b: [1, 32, 16, 16],
    c: [1, 64, 8, 8],
    d: [null, null, 2],
    e: [null, null],
    f: [null, 1, 16, 16],
    g: [1],
    h: [2],
  };
  const outputs = {
    first: float32Tensor(new Float32Array(3 * 20 * 30), [1, 3, 20, 30]),
    second: float32Tensor(Float32Array.of(0.1, 0.2, 0.3), [1, 3]),
  };
  const decoder = () => recordingGraph(inputs, outputs, { h: "int32" });

  it("is fed by position, whatever the inputs are called", async () => {
    const graph = decoder();
    const [object] = await sam2Ibai.decode(graph, embedding, fit, [prompt], spec, {});
    const { feeds } = graph.runs[0]!;
    expect(Object.keys(feeds)).toEqual(Object.keys(inputs));
    expect(["a", "b", "c"].map((name) => values(feeds, name)[0])).toEqual([1, 2, 3]);
    expect(values(feeds, "e")).toEqual([2, 3, 0]);
    expect(values(feeds, "d")[4]).toBeCloseTo(32, 5);
    expect(values(feeds, "d")[5]).toBeCloseTo(32, 5);
    expect(feeds["f"]!.dims).toEqual([1, 1, 16, 16]);
    expect(values(feeds, "g")).toEqual([0]);
    expect(feeds["h"]).toEqual({ type: "int32", dims: [2], data: Int32Array.of(20, 30) });
    expect(object!.scores[2]).toBeCloseTo(0.3, 6);
    const plane = object!.planes[0]!;
    expect(plane).toMatchObject({ width: 30, height: 20 });
    expect(plane.scaleX).toBeCloseTo(1, 9);
    expect(plane.scaleY).toBeCloseTo(1, 9);
  });

  it("takes one object a run, with its own earlier mask", async () => {
    const graph = decoder();
    await sam2Ibai.decode(graph, embedding, fit, [{ points: [], mask }, prompt], spec, {});
    expect(graph.runs.map(({ feeds }) => values(feeds, "g"))).toEqual([[1], [0]]);
    expect(values(graph.runs[0]!.feeds, "f").every((value) => value > 0)).toBe(true);
    expect(values(graph.runs[1]!.feeds, "f").every((value) => value === 0)).toBe(true);
  });

  it("is known by its eighth input", () => {
    const encoder = recordingGraph({ image: [1, 3, 64, 64] }, embedding);
    expect(() => sam2Ibai.check(encoder, decoder())).not.toThrow();
    expect(() => sam2Ibai.check(encoder, recordingGraph(inputs, outputs))).toThrow(
      /decoder inputs: expected 8, the last of them int32.*h \(float32, 1 axes\)/,
    );
    const { h: _size, ...seven } = inputs;
    expect(() => sam2Ibai.check(encoder, recordingGraph(seven, outputs))).toThrow(/expected 8/);
  });
});

describe("layout D3", () => {
  const embedding = {
    image_embeddings: filled(1),
    high_res_features1: filled(2),
    high_res_features2: filled(3),
  };
  const inputs = {
    image_embeddings: [1, 256, 4, 4],
    high_res_features1: [1, 32, 16, 16],
    high_res_features2: [1, 64, 8, 8],
    point_coords: [1, null, 2],
    point_labels: [1, null],
    mask_input: [1, 1, 16, 16],
    has_mask_input: [1],
    orig_im_size: [2],
  };
  const outputs = {
    "the large ones": numberedPlanes(3, 20, [1, 3, 20, 20]),
    scores: float32Tensor(Float32Array.of(0.1, 0.2, 0.3), [1, 3]),
    "the small ones": numberedPlanes(3, 16, [1, 3, 16, 16]),
  };
  const decoder = () => recordingGraph(inputs, outputs, { orig_im_size: "int64" });

  it("takes the low-resolution masks, by position, and does not ask for the others", async () => {
    const graph = decoder();
    const [object] = await sam2Osam.decode(graph, embedding, fit, [prompt], spec, {});
    const { feeds, outputs: asked } = graph.runs[0]!;
    expect([...asked].sort()).toEqual(["scores", "the small ones"]);
    expect(feeds["orig_im_size"]).toEqual({ type: "int64", dims: [2], data: BigInt64Array.of(20n, 30n) });
    expect(values(feeds, "point_labels")).toEqual([2, 3, 0]);
    const plane = object!.planes[1]!;
    expect(plane).toMatchObject({ width: 16, height: 16 });
    expect(plane.data[0]).toBe(2);
    expect(plane.scaleX).toBeCloseTo(16 / 30, 9);
    expect(plane.scaleY).toBeCloseTo(16 / 20, 9);
  });

  it("needs three outputs", () => {
    const encoder = recordingGraph({ input: [1, 3, 64, 64] }, embedding);
    expect(() => sam2Osam.check(encoder, decoder())).not.toThrow();
    const { "the small ones": _small, ...two } = outputs;
    expect(() => sam2Osam.check(encoder, recordingGraph(inputs, two))).toThrow(
      /decoder outputs: expected masks, scores and low-resolution masks, received the large ones, scores/,
    );
  });
});
