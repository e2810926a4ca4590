import { float32Tensor, type NamedTensors, type Runtime } from "@maskery/core";
import {
  fourShapes,
  type LayoutModel,
  sam1HuggingFaceModel,
  sam2HuggingFaceModel,
  sam2IbaiModel,
  sam2OsamModel,
} from "@maskery/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOnnxRuntime } from "../../src/runtime/onnx-runtime.js";
import {
  type Change,
  change,
  mapFloats,
  mapIntegers,
  swapAxes,
  swapRedAndBlue,
  type Tampering,
  worstIou,
} from "./tampered-host.js";

/**
 * Proves that the drawn pictures find out a host that breaks a rule of these layouts: each test breaks one between the layout
 * and the real graph, and some answer must become wrong.
 */

/** No answer of a right host is worse than this. */
const RIGHT = 0.95;
/** A wrong host has at least one answer below this. */
const WRONG = 0.8;

const pictures = [fourShapes("landscape", 320, 200)];
const apart = { pictures };
const together = { pictures, together: true };

let runtime: Runtime;
beforeAll(() => {
  runtime = createOnnxRuntime({ threads: 1 });
});
afterAll(() => runtime.dispose());

const sam1 = sam1HuggingFaceModel();
const sam1WithBoxes = sam1HuggingFaceModel({ prompts: "boxes" });
const sam2 = sam2HuggingFaceModel();
const sam3 = sam2HuggingFaceModel({ family: "sam3-tracker" });

/** One more entry for each object, at the frame's corner. */
function appendEntry(label: number): Change {
  return (feeds) => {
    const points = feeds["input_points"]!;
    const [, prompts, entries] = points.dims as [number, number, number, number];
    if (entries === 0) return feeds;
    const longer = Array.from({ length: prompts }, (_, prompt) => [
      ...(points.data as Float32Array).subarray(prompt * entries * 2, (prompt + 1) * entries * 2),
      0,
      0,
    ]);
    const labels = Array.from({ length: prompts }, (_, prompt) => [
      ...(feeds["input_labels"]!.data as BigInt64Array).subarray(prompt * entries, (prompt + 1) * entries),
      BigInt(label),
    ]);
    return {
      ...feeds,
      input_points: float32Tensor(Float32Array.from(longer.flat()), [1, prompts, entries + 1, 2]),
      input_labels: {
        type: "int64",
        data: BigInt64Array.from(labels.flat()),
        dims: [1, prompts, entries + 1],
      },
    };
  };
}

/** Fills the zero-length box up with a box of zeros. */
const zeroBox: Change = (feeds) =>
  feeds["input_boxes"]!.data.length > 0
    ? feeds
    : { ...feeds, input_boxes: float32Tensor(new Float32Array(4), [1, 1, 4]) };

describe("right hosts, for comparison", () => {
  it.each([
    ["sam1-hf", sam1],
    ["sam1-hf with boxes", sam1WithBoxes],
    ["sam2-hf", sam2],
    ["sam2-hf: SAM3's tracker", sam3],
    ["sam2-ibai", sam2IbaiModel()],
    ["sam2-osam", sam2OsamModel()],
  ])("%s", async (_title, model) => {
    expect(await worstIou(runtime, model, apart)).toBeGreaterThan(RIGHT);
    expect(await worstIou(runtime, model, together)).toBeGreaterThan(RIGHT);
  });
});

describe("hosts that layout B finds out", () => {
  it.each<[string, LayoutModel, Tampering]>([
    ["swaps x and y", sam1, { prompt: swapAxes("input_points") }],
    ["prompts in another frame", sam1, { prompt: mapFloats("input_points", (value) => value * 2) }],
    ["appends a padding point", sam1, { prompt: appendEntry(-1) }],
    ["fills up where nothing is missing", sam1, { prompt: appendEntry(-10) }],
    [
      "takes negative points for positive ones",
      sam1,
      { prompt: mapIntegers("input_labels", (label) => (label === 0 ? 1 : label)) },
    ],
    [
      "does not pass the positional embedding on",
      sam1,
      { prompt: mapFloats("image_positional_embeddings", () => 0) },
    ],
    ["swaps red and blue", sam1, { picture: swapRedAndBlue("pixel_values") }],
    ["swaps a box's axes", sam1WithBoxes, { prompt: swapAxes("input_boxes") }],
    [
      "gives a box by its corner and size",
      sam1WithBoxes,
      {
        prompt: change("input_boxes", ({ data, dims }) =>
          float32Tensor(
            Float32Array.from(data as Float32Array, (value, index) =>
              index % 4 < 2 ? value : value - Number(data[index - 2]),
            ),
            dims,
          ),
        ),
      },
    ],
  ])("one that %s", async (_title, model, tampering) => {
    expect(await worstIou(runtime, model, apart, tampering)).toBeLessThan(WRONG);
  });

  it("one that fills shorter prompts up with padding points", async () => {
    const prompt = mapIntegers("input_labels", (label) => (label === -10 ? -1 : label));
    expect(await worstIou(runtime, sam1, together, { prompt })).toBeLessThan(WRONG);
  });

  it("one that does not cut the padding off", async () => {
    // A frame that is filled in both directions: the plane's lower rows are read as if the picture reached there.
    const answer = change("pred_masks", ({ data, dims }) => {
      const [, , , height, width] = dims as [number, number, number, number, number];
      const filled = Math.round((height * 200) / 320);
      const squeezed = (_: number, index: number) => {
        const plane = index - (index % (height * width));
        const y = Math.floor((index - plane) / width);
        const from = Math.min(height - 1, Math.floor((y * height) / filled));
        return Number(data[plane + from * width + (index % width)]);
      };
      return float32Tensor(Float32Array.from(data as Float32Array, squeezed), dims);
    });
    expect(await worstIou(runtime, sam1, apart, { answer })).toBeLessThan(WRONG);
  });
});

describe("hosts that layout C finds out", () => {
  const loses = (level: number): Tampering => ({
    prompt: mapFloats(`image_embeddings.${level}`, () => 0),
  });
  it.each<[string, LayoutModel, Tampering]>([
    ["swaps x and y", sam2, { prompt: swapAxes("input_points") }],
    ["prompts in another frame", sam2, { prompt: mapFloats("input_points", (value) => value / 2) }],
    ["prompts SAM3 in SAM2's frame", sam3, { prompt: mapFloats("input_points", (v) => (v * 1024) / 504) }],
    ["swaps a box's axes", sam2, { prompt: swapAxes("input_boxes") }],
    ["sends a box of zeros for none", sam2, { prompt: zeroBox }],
    ["appends a padding point", sam2, { prompt: appendEntry(-1) }],
    ["swaps red and blue", sam2, { picture: swapRedAndBlue("pixel_values") }],
    ["loses the fine level", sam2, loses(0)],
    ["loses the middle level", sam2, loses(1)],
    ["loses the coarse level", sam2, loses(2)],
  ])("one that %s", async (_title, model, tampering) => {
    expect(await worstIou(runtime, model, apart, tampering)).toBeLessThan(WRONG);
  });
});

describe("hosts that layouts D2 and D3 find out", () => {
  it("D2: one that has the encoder's order of levels", async () => {
    const prompt = (feeds: NamedTensors) => ({
      ...feeds,
      "input.0": feeds["input.1"]!,
      "input.1": feeds["input.2"]!,
      "input.2": feeds["input.0"]!,
    });
    await expect(worstIou(runtime, sam2IbaiModel(), apart, { prompt })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it.each([
    ["D2", sam2IbaiModel(), "input.3", "input.4"],
    ["D3", sam2OsamModel(), "point_coords", "point_labels"],
  ] as const)(
    "%s: one that appends a padding point, or swaps x and y",
    async (_title, model, coordinates, labels) => {
      const appendPadding: Change = (feeds) => ({
        ...feeds,
        [coordinates]: float32Tensor(Float32Array.of(...(feeds[coordinates]!.data as Float32Array), 0, 0), [
          1,
          feeds[coordinates]!.dims[1]! + 1,
          2,
        ]),
        [labels]: float32Tensor(Float32Array.of(...(feeds[labels]!.data as Float32Array), -1), [
          1,
          feeds[labels]!.dims[1]! + 1,
        ]),
      });
      expect(await worstIou(runtime, model, apart, { prompt: appendPadding })).toBeLessThan(WRONG);
      expect(await worstIou(runtime, model, apart, { prompt: swapAxes(coordinates) })).toBeLessThan(WRONG);
    },
  );
});
