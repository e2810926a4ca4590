import type { Graph, NamedTensors, Runtime, TensorOf } from "@maskery/core";
import { placeClassModel } from "@maskery/core/classes";
import {
  type ClassGraphModel,
  detrPanopticModel,
  fourShapes,
  maskRcnnModel,
  measureClasses,
  segformerModel,
  torchvisionModel,
  unetModel,
  yoloModel,
} from "@maskery/core/testing";
import { createOnnxRuntime } from "@maskery/node";
import { expect, test } from "vitest";

type Picture = TensorOf<"float32">;

/** A runtime whose graphs see the picture as a host with a mistake would send it. */
function mistakenRuntime(runtime: Runtime, spoil: (picture: Picture) => Picture): Runtime {
  return {
    ...runtime,
    contractVersion: 1,
    name: "mistaken",
    devices: runtime.devices,
    async load(files, options) {
      const graph = await runtime.load(files, options);
      const run: Graph["run"] = (feeds, runOptions) => {
        const spoilt = Object.entries(feeds).map(([name, tensor]) => [
          name,
          tensor.type === "float32" ? spoil(tensor) : tensor,
        ]);
        return graph.run(Object.fromEntries(spoilt) as NamedTensors, runOptions);
      };
      return {
        device: graph.device,
        inputs: graph.inputs,
        outputs: graph.outputs,
        run,
        dispose: () => graph.dispose(),
      };
    },
    dispose: () => runtime.dispose(),
  };
}

function mapPixels(
  picture: Picture,
  from: (x: number, y: number, width: number, height: number) => readonly [x: number, y: number],
): Picture {
  const [height = 0, width = 0] = picture.dims.slice(-2);
  const data = new Float32Array(picture.data.length);
  for (let index = 0; index < data.length; index++) {
    const x = index % width;
    const y = Math.floor(index / width) % height;
    const plane = index - y * width - x;
    const [sourceX, sourceY] = from(x, y, width, height);
    data[index] = picture.data[plane + sourceY * width + sourceX]!;
  }
  return { ...picture, data };
}

const swapAxes = (picture: Picture) => mapPixels(picture, (x, y) => [y, x]);
/** As if the picture lay in the corner instead of the middle. */
const toCorner = (picture: Picture) =>
  mapPixels(picture, (x, y, _, height) => [x, (y + Math.round(height / 6)) % height]);
/** As if the picture lay in the far corner, with the padding before it. */
const padBefore = (picture: Picture) =>
  mapPixels(picture, (x, y, width, height) => [(x + width - 8) % width, (y + height - 8) % height]);
const unnormalised = (picture: Picture) => ({ ...picture, data: picture.data.map((value) => value * 255) });
const halfOf = (picture: Picture) => ({ ...picture, data: picture.data.map((value) => value / 2) });

const models: Readonly<Record<string, () => ClassGraphModel>> = {
  FCN: torchvisionModel,
  SegFormer: segformerModel,
  "U-Net": () => unetModel("several"),
  DETR: detrPanopticModel,
  "Mask R-CNN": maskRcnnModel,
  YOLO: () => yoloModel("raw"),
};

test.each([
  ["SegFormer", "swaps width and height", swapAxes],
  ["YOLO", "swaps width and height", swapAxes],
  ["YOLO", "puts the picture into the corner", toCorner],
  ["Mask R-CNN", "pads on the left and at the top", padBefore],
  ["U-Net", "pads on the left and at the top", padBefore],
  ["FCN", "forgets to divide by 255", unnormalised],
  ["DETR", "forgets to divide by 255", unnormalised],
  ["SegFormer", "normalises with twice the deviation", halfOf],
  ["Mask R-CNN", "divides by a deviation", halfOf],
] as const)("%s: a host that %s is found out", async (name, _, spoil) => {
  const model = models[name]!();
  const runtime = createOnnxRuntime();
  try {
    const pictureCase = fourShapes("wrong host", 300, 200);
    const right = await measureClasses(model, runtime, pictureCase);
    expect(Math.min(...right.measured.map(({ iou }) => iou))).toBeGreaterThanOrEqual(model.leastIou);
    const wrong = await measureClasses(model, mistakenRuntime(runtime, spoil), pictureCase);
    expect(Math.min(...wrong.measured.map(({ iou }) => iou))).toBeLessThan(model.leastIou);
  } finally {
    await runtime.dispose();
  }
});

test("a signal stops the work, also between its steps", async () => {
  const runtime = createOnnxRuntime();
  const { spec, model } = segformerModel();
  try {
    const placed = await placeClassModel(
      spec,
      { contractVersion: 1, name: "one", fetch: async () => ({ kind: "bytes", bytes: model.slice() }) },
      runtime,
      { threads: 1 },
    );
    const { image } = fourShapes("aborted", 300, 200).picture;
    for (const stopAt of [0.1, 0.75]) {
      const controller = new AbortController();
      const onProgress = (fraction: number) => {
        if (fraction === stopAt) controller.abort();
      };
      await expect(placed.find(image, { signal: controller.signal, onProgress })).rejects.toMatchObject({
        code: "ABORTED",
      });
    }
    // The model is as good as before.
    expect((await placed.find(image)).length).toBe(3);
  } finally {
    await runtime.dispose();
  }
});
