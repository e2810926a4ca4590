import { type Sam2HuggingFaceFamily, sam2HuggingFaceModel } from "@maskery/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gradientImage } from "../../packages/core/src/testing/test-images.js";
import { expectSameFeeds, expectSameMasks, expectSamePicture } from "./compare.js";
import { corners, discAndBlock, pair } from "./drawn-scene.js";
import { type ModelPair, modelPair } from "./model-pair.js";

const imageNet = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225] };
const half = { image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };

/** As in the hub's repositories of this layout, but half the published sides, for speed: the rules are the same. */
const families = {
  sam2: {
    modelType: "sam2",
    sides: { frame: 512, plane: 128 },
    image: { image_processor_type: "Sam2ImageProcessorFast", ...imageNet },
  },
  edgetam: {
    modelType: "edgetam",
    sides: { frame: 512, plane: 128 },
    image: { image_processor_type: "Sam2ImageProcessorFast", ...imageNet },
  },
  "sam3-tracker": {
    modelType: "sam3_tracker",
    sides: { frame: 504, plane: 144 },
    image: { image_processor_type: "Sam3ImageProcessorFast", ...half },
  },
} as const;

function pairOf(family: Sam2HuggingFaceFamily) {
  const { modelType, sides, image } = families[family];
  return modelPair(
    sam2HuggingFaceModel({ family, sides }),
    { model_type: modelType, vision_config: { num_feature_levels: 3 } },
    {
      processor_class: "Sam2Processor",
      do_convert_rgb: true,
      do_resize: true,
      size: { height: sides.frame, width: sides.frame },
      resample: 2,
      do_rescale: true,
      rescale_factor: 1 / 255,
      do_normalize: true,
      ...image,
    },
  );
}

describe.each(["sam2", "edgetam", "sam3-tracker"] as const)(
  "layout C beside transformers.js: %s",
  (family) => {
    let models: ModelPair;
    beforeAll(async () => {
      models = await pairOf(family);
    });
    afterAll(() => models?.dispose());

    it.each([
      { width: 640, height: 400 },
      { width: 201, height: 333 },
    ])("sends the same picture: $width × $height", async ({ width, height }) => {
      const { maskery, reference } = models;
      const image = gradientImage(width, height, { opaque: true });
      await maskery.segmenter.prewarm([image]);
      const prepared = await reference.preprocess(image);
      const { frame } = families[family].sides;
      expect(prepared.resized).toEqual([frame, frame]);
      expectSamePicture(maskery.lastEncoderFeeds(), prepared);
    });

    it("sends the same points of several objects and finds the same masks", async () => {
      const { maskery, reference } = models;
      const { picture, onRed, onGreen } = discAndBlock(600, 400);
      const results = await maskery.segmenter.segmentMany(picture.image, [
        [{ ...onRed, label: 1 }],
        [
          { ...onGreen, label: 1 },
          { ...onRed, label: 0 },
        ],
      ]);
      const answer = await reference.segment(picture.image, {
        input_points: [
          [pair(onRed), [0, 0]],
          [pair(onGreen), pair(onRed)],
        ],
        input_labels: [
          [1, -10],
          [1, 0],
        ],
      });
      expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, true);
      expect(maskery.lastDecoderFeeds()["input_boxes"]!.dims).toEqual([1, 0, 4]);
      expectSameMasks(results, answer);
      expect(results[0]!.best.iou(picture.red)).toBeGreaterThan(0.95);
      expect(results[1]!.best.iou(picture.green)).toBeGreaterThan(0.95);
    });

    it("sends several boxes in one run", async () => {
      const { maskery, reference } = models;
      const { picture, aroundRed, aroundGreen } = discAndBlock(360, 540);
      const results = await maskery.segmenter.segmentMany(picture.image, [
        { box: aroundRed },
        { box: aroundGreen },
      ]);
      const answer = await reference.segment(picture.image, {
        input_boxes: [[corners(aroundRed), corners(aroundGreen)]],
      });
      expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, true);
      expect(maskery.lastDecoderFeeds()["input_points"]!.dims).toEqual([1, 1, 0, 2]);
      expectSameMasks(results, answer);
    });

    it("sends a box with its point", async () => {
      const { maskery, reference } = models;
      const { picture, onGreen, aroundGreen } = discAndBlock(500, 300);
      const result = await maskery.segmenter.segment(picture.image, { points: [onGreen], box: aroundGreen });
      const answer = await reference.segment(picture.image, {
        input_points: [[pair(onGreen)]],
        input_labels: [[1]],
        input_boxes: [[corners(aroundGreen)]],
      });
      expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, true);
      expectSameMasks([result], answer);
    });
  },
);
