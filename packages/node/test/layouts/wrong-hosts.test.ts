import type { Decoder, Graph, Prompt, Runtime } from "@maskery/core";
import { float32Tensor, placeModelLocally, Segmenter } from "@maskery/core";
import {
  efficientSamModel,
  efficientVitSamModel,
  fourShapes,
  type LayoutModel,
  layoutModelStore,
  measurePicture,
  oneBlock,
  type PictureCase,
  sam1Model,
  sam1PreprocessModel,
  sam2SamexporterModel,
} from "@maskery/core/testing";
import { createNodePlatform, createOnnxRuntime } from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Change,
  change,
  mapFloats,
  swapAxes,
  swapRedAndBlue,
  type Tampering,
  worstIou,
} from "./tampered-host.js";

/**
 * Proves that the drawn pictures find out a host that breaks a layout's rules: each test breaks one rule between the layout and
 * the real graph, and some answer must become wrong.
 */

/** No answer of a right host is worse than this. */
const RIGHT = 0.95;
/** A wrong host has at least one answer below this. */
const WRONG = 0.8;

const landscape = fourShapes("landscape", 320, 170);
const portrait = fourShapes("portrait", 150, 260);
const both = { pictures: [landscape, portrait] };

let runtime: Runtime;
beforeAll(() => {
  runtime = createOnnxRuntime();
});
afterAll(() => runtime.dispose());

async function worstAnswer(segmenter: Segmenter, pictures: readonly PictureCase[]): Promise<number> {
  const answers = [];
  for (const picture of pictures) answers.push(...(await measurePicture(segmenter, picture)));
  await segmenter.dispose();
  return Math.min(...answers.map(({ iou }) => iou));
}

/** Takes the entries with this label away, or adds one. */
function entries(edit: (labels: number[], points: [number, number][]) => void): Change {
  return (tensors) => {
    const coordinates = Array.from(tensors["point_coords"]!.data as Float32Array);
    const labels = Array.from(tensors["point_labels"]!.data as Float32Array);
    const points = labels.map((_, entry): [number, number] => [
      coordinates[entry * 2]!,
      coordinates[entry * 2 + 1]!,
    ]);
    edit(labels, points);
    return {
      ...tensors,
      point_coords: float32Tensor(Float32Array.from(points.flat()), [1, labels.length, 2]),
      point_labels: float32Tensor(Float32Array.from(labels), [1, labels.length]),
    };
  };
}

/** Planes of a `[1, 3, side, side]` picture. */
const editPicture = (name: string, edit: (data: Float32Array, planeLength: number) => Float32Array) =>
  change(name, (tensor) => {
    const data = tensor.data as Float32Array;
    return float32Tensor(edit(data, data.length / 3), tensor.dims);
  });

describe("right hosts, for comparison", () => {
  it.each([
    ["sam1", sam1Model()],
    ["sam1-preprocess", sam1PreprocessModel()],
    ["efficientvit-sam", efficientVitSamModel()],
    ["efficientsam", efficientSamModel()],
    ["sam2-samexporter", sam2SamexporterModel()],
  ])("%s", async (_name, model) => {
    expect(await worstIou(runtime, model, both)).toBeGreaterThan(RIGHT);
  });
});

describe("hosts that a layout of SAM finds out", () => {
  it.each<[string, Tampering]>([
    ["swaps x and y", { prompt: swapAxes("point_coords") }],
    ["scales prompts to another frame", { prompt: mapFloats("point_coords", (value) => value * 0.5) }],
    [
      "leaves the padding point out",
      {
        prompt: entries((labels, points) => {
          if (labels.at(-1) !== -1) return;
          labels.pop();
          points.pop();
        }),
      },
    ],
    [
      "pads beside a box",
      {
        prompt: entries((labels, points) => {
          if (!labels.includes(2)) return;
          labels.push(-1);
          points.push([0, 0]);
        }),
      },
    ],
    [
      "mixes up a box's corners",
      { prompt: mapFloats("point_labels", (label) => (label === 2 ? 3 : label === 3 ? 2 : label)) },
    ],
    [
      "takes negative points for positive ones",
      { prompt: mapFloats("point_labels", (label) => (label === 0 ? 1 : label)) },
    ],
    ["says -1 for no earlier mask", { prompt: mapFloats("has_mask_input", () => -1) }],
    [
      "sends an earlier mask where there is none",
      { prompt: (feeds) => mapFloats("has_mask_input", () => 1)(mapFloats("mask_input", () => 8)(feeds)) },
    ],
    ["swaps red and blue", { picture: swapRedAndBlue("input_image") }],
    [
      "does not normalise",
      {
        picture: editPicture("input_image", (data) =>
          data.map((value) => (value === 0 ? 0 : value * 58 + 116)),
        ),
      },
    ],
    [
      "chooses the best score of all four masks",
      {
        // A fifth candidate keeps the layout from its rule.
        answer: (outputs) => {
          const { low_res_masks: masks, iou_predictions: scores } = outputs;
          const [, , height, width] = masks!.dims as [number, number, number, number];
          return {
            low_res_masks: float32Tensor(
              Float32Array.of(...(masks!.data as Float32Array), ...new Float32Array(height * width)),
              [1, 5, height, width],
            ),
            iou_predictions: float32Tensor(Float32Array.of(...(scores!.data as Float32Array), -1), [1, 5]),
          };
        },
      },
    ],
    [
      "reads planes by columns",
      {
        answer: change("low_res_masks", ({ data, dims }) => {
          const side = dims[3]!;
          const plane = side * side;
          const turned = (_: number, index: number) => {
            const place = index % plane;
            return Number(data[index - place + (place % side) * side + Math.floor(place / side)]);
          };
          return float32Tensor(Float32Array.from(data as Float32Array, turned), dims);
        }),
      },
    ],
  ])("one that %s", async (_title, tampering) => {
    expect(await worstIou(runtime, sam1Model(), both, tampering)).toBeLessThan(WRONG);
  });

  it("one that pads before it normalises", async () => {
    const black = [123.675 / 58.395, 116.28 / 57.12, 103.53 / 57.375];
    const picture = editPicture("input_image", (data, length) =>
      data.map((value, index) => (value === 0 ? -black[Math.floor(index / length)]! : value)),
    );
    const thin = oneBlock("one row", 2000, 1, [0.2, 0, 0.45, 1]);
    expect(await worstIou(runtime, sam1Model(), { pictures: [thin] })).toBeGreaterThan(RIGHT);
    expect(await worstIou(runtime, sam1Model(), { pictures: [thin] }, { picture })).toBeLessThan(WRONG);
  });

  it("one that normalises what the encoder normalises itself", async () => {
    const picture = mapFloats("input_image", (value, index) => (value - [124, 116, 104][index % 3]!) / 58);
    expect(await worstIou(runtime, sam1PreprocessModel(), both, { picture })).toBeLessThan(WRONG);
  });

  it("one that does not cut the padding off", async () => {
    const segmenter = await withDecoder(sam1Model(), (decoder) => ({
      ...decoder,
      decode: async (embedding, prompts, options) => {
        const objects = await decoder.decode(embedding, prompts, options);
        const { width, height } = embedding.imageSize;
        return objects.map(({ planes, scores }) => ({
          planes: planes.map((plane) => ({
            ...plane,
            scaleX: plane.width / width,
            scaleY: plane.height / height,
          })),
          scores,
        }));
      },
    }));
    expect(await worstAnswer(segmenter, [landscape, portrait])).toBeLessThan(WRONG);
  });

  it("one that trusts the masks at the picture's size, unless the picture is 3:2", async () => {
    // The masks of the graph itself, one cell for each pixel.
    const segmenter = () =>
      withDecoder(sam1Model({ decoder: "single" }), (decoder, graph) => ({
        ...decoder,
        decode: async (embedding, prompts) => {
          const masks = [];
          for (const prompt of prompts) masks.push(await fullSizeMask(graph, embedding, prompt));
          return masks;
        },
      }));
    expect(await worstAnswer(await segmenter(), [landscape])).toBeLessThan(WRONG);
    expect(await worstAnswer(await segmenter(), [portrait])).toBeLessThan(WRONG);
    expect(await worstAnswer(await segmenter(), [fourShapes("3:2", 300, 200)])).toBeGreaterThan(RIGHT);
  });
});

describe("hosts that other layouts find out", () => {
  it("EfficientViT-SAM: one that prompts in the frame of the picture", async () => {
    const prompt = mapFloats("point_coords", (value) => value / 2);
    expect(await worstIou(runtime, efficientVitSamModel(), both, { prompt })).toBeLessThan(WRONG);
  });

  it("EfficientViT-SAM: one that appends a padding point", async () => {
    const prompt = entries((labels, points) => {
      labels.push(-1);
      points.push([0, 0]);
    });
    expect(await worstIou(runtime, efficientVitSamModel(), both, { prompt })).toBeLessThan(WRONG);
  });

  it("EfficientSAM: one that gives the width first", async () => {
    const prompt = change("orig_im_size", ({ data, dims }) => ({
      type: "int64",
      dims,
      data: BigInt64Array.of(BigInt(data[1]!), BigInt(data[0]!)),
    }));
    expect(await worstIou(runtime, efficientSamModel(), both, { prompt })).toBeLessThan(WRONG);
  });

  it("EfficientSAM: one that prompts in the frame instead of in pixels", async () => {
    const prompt = mapFloats("batched_point_coords", (value) => value * 2);
    expect(await worstIou(runtime, efficientSamModel(), both, { prompt })).toBeLessThan(WRONG);
  });

  it("EfficientSAM: one that normalises", async () => {
    const picture = editPicture("batched_images", (data) => data.map((value) => (value - 0.45) / 0.225));
    expect(await worstIou(runtime, efficientSamModel(), both, { picture })).toBeLessThan(WRONG);
  });

  it("samexporter's SAM2: one that appends a padding point", async () => {
    const prompt = entries((labels, points) => {
      labels.push(-1);
      points.push([0, 0]);
    });
    expect(await worstIou(runtime, sam2SamexporterModel(), both, { prompt })).toBeLessThan(WRONG);
  });

  it("samexporter's SAM2: one that loses a level of the embedding", async () => {
    for (const level of ["image_embed", "high_res_feats_0", "high_res_feats_1"]) {
      const prompt = mapFloats(level, () => 0);
      expect(await worstIou(runtime, sam2SamexporterModel(), both, { prompt }), level).toBeLessThan(WRONG);
    }
  });
});

/** A segmenter whose decoder is changed; the change sees the decoder's graph too. */
async function withDecoder(
  model: LayoutModel,
  edit: (decoder: Decoder, graph: Graph) => Decoder,
): Promise<Segmenter> {
  const graphs: Graph[] = [];
  const watched: Runtime = {
    ...runtime,
    load: async (files, options) => {
      const graph = await runtime.load(files, options);
      graphs.push(graph);
      return graph;
    },
  };
  const placement = await placeModelLocally(model.spec, layoutModelStore(model), watched);
  const graph = graphs.find(({ inputs }) => inputs.length > 1)!;
  return new Segmenter({ ...placement, decoder: edit(placement.decoder, graph) }, createNodePlatform());
}

/** What a host does that takes `masks` as it is. */
async function fullSizeMask(
  graph: Graph,
  { fit, imageSize, tensors }: Parameters<Decoder["decode"]>[0],
  { points, box }: Prompt,
) {
  const all = [
    ...(box
      ? [
          { x: box.x0, y: box.y0, label: 2 },
          { x: box.x1, y: box.y1, label: 3 },
        ]
      : []),
    ...points,
    ...(box ? [] : [{ x: 0, y: 0, label: -1 }]),
  ];
  const side = fit.size / 4;
  const { masks } = await graph.run({
    ...tensors,
    point_coords: float32Tensor(
      Float32Array.from(all.flatMap(({ x, y }) => [x * fit.scaleX, y * fit.scaleY])),
      [1, all.length, 2],
    ),
    point_labels: float32Tensor(
      Float32Array.from(all, ({ label }) => label),
      [1, all.length],
    ),
    mask_input: float32Tensor(new Float32Array(side * side), [1, 1, side, side]),
    has_mask_input: float32Tensor(Float32Array.of(0), [1]),
    orig_im_size: float32Tensor(Float32Array.of(imageSize.height, imageSize.width), [2]),
  });
  const plane = { data: masks!.data as Float32Array, ...imageSize, scaleX: 1, scaleY: 1 };
  return { planes: [plane], scores: [1] };
}
