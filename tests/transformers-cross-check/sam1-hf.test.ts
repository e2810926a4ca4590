import { sam1HuggingFaceModel } from "@maskery/core/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { gradientImage } from "../../packages/core/src/testing/test-images.js";
import { expectSameFeeds, expectSameMasks, expectSamePicture } from "./compare.js";
import { corners, discAndBlock, pair } from "./drawn-scene.js";
import { type ModelPair, modelPair } from "./model-pair.js";

/** Half of the published side, for speed; the rules are the same. */
const FRAME = 512;

/** As in the hub's repositories of this layout. */
const config = { model_type: "sam", architectures: ["SamModel"] };
const preprocessorConfig = {
  processor_class: "SamProcessor",
  image_processor_type: "SamImageProcessor",
  do_convert_rgb: true,
  do_resize: true,
  size: { longest_edge: FRAME },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_std: [0.229, 0.224, 0.225],
  do_pad: true,
  pad_size: { height: FRAME, width: FRAME },
};

const pairOf = (prompts: "points" | "foreground" | "points-and-boxes") =>
  modelPair(sam1HuggingFaceModel({ frame: FRAME, prompts }), config, preprocessorConfig);

/**
 * Pictures by their height and width in the frame: transformers.js cuts off after two decimals where SAM rounds, so one side
 * may be a pixel shorter there.
 */
const pictures = [
  { title: "landscape", width: 640, height: 480, ours: [384, 512], theirs: [384, 512] },
  { title: "landscape, one row less there", width: 500, height: 333, ours: [341, 512], theirs: [340, 512] },
  { title: "portrait, one column less there", width: 333, height: 500, ours: [512, 341], theirs: [512, 340] },
  { title: "enlarged", width: 200, height: 150, ours: [384, 512], theirs: [384, 512] },
];

describe("layout B beside transformers.js", () => {
  let models: ModelPair;
  beforeAll(async () => {
    models = await pairOf("points");
  });
  afterAll(() => models?.dispose());

  it.each(pictures)("sends the same picture: $title", async ({ width, height, ours, theirs }) => {
    const { maskery, reference } = models;
    const image = gradientImage(width, height, { opaque: true });
    await maskery.segmenter.prewarm([image]);
    const prepared = await reference.preprocess(image);
    expect(prepared.resized).toEqual(theirs);
    const sent = maskery.lastEncoderFeeds();
    expectSamePicture(sent, prepared);
    expect(filledSize(sent["pixel_values"]!.data as Float32Array)).toEqual(ours);
  });

  it.each(pictures)("sends the same points and finds the same masks: $title", async (picture) => {
    const { maskery, reference } = models;
    const scene = discAndBlock(picture.width, picture.height);
    const { onRed, onGreen } = scene;
    const { image } = scene.picture;
    const results = await maskery.segmenter.segmentMany(image, [
      [{ ...onRed, label: 1 }],
      [
        { ...onGreen, label: 1 },
        { ...onRed, label: 0 },
      ],
    ]);
    const answer = await reference.segment(image, {
      input_points: [
        [pair(onRed), [0, 0]],
        [pair(onGreen), pair(onRed)],
      ],
      input_labels: [
        [1, -10],
        [1, 0],
      ],
    });
    const sameSize = picture.ours.join() === picture.theirs.join();
    expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, sameSize);
    expectSameMasks(results, answer);
    expect(results[0]!.best.iou(scene.picture.red)).toBeGreaterThan(0.95);
    expect(results[1]!.best.iou(scene.picture.green)).toBeGreaterThan(0.95);
  });
});

describe("variants of layout B beside transformers.js", () => {
  it("without labels: points alone", async () => {
    const { maskery, reference, dispose } = await pairOf("foreground");
    onTestFinished(dispose);
    const { picture, onRed, onGreen } = discAndBlock(640, 480);
    const results = await maskery.segmenter.segmentMany(picture.image, [[onRed], [onGreen]]);
    const answer = await reference.segment(picture.image, {
      input_points: [[pair(onRed)], [pair(onGreen)]],
    });
    expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, true);
    expectSameMasks(results, answer);
  });

  it("points and boxes: as many boxes as objects", async () => {
    const { maskery, reference, dispose } = await pairOf("points-and-boxes");
    onTestFinished(dispose);
    const { picture, onRed, onGreen, aroundRed, aroundGreen } = discAndBlock(640, 480);
    const results = await maskery.segmenter.segmentMany(picture.image, [
      { points: [onRed], box: aroundRed },
      { points: [onGreen], box: aroundGreen },
    ]);
    const answer = await reference.segment(picture.image, {
      input_points: [[pair(onRed)], [pair(onGreen)]],
      input_labels: [[1], [1]],
      input_boxes: [[corners(aroundRed), corners(aroundGreen)]],
    });
    expectSameFeeds(maskery.lastDecoderFeeds(), answer.decoderFeeds, true);
    expectSameMasks(results, answer);
  });
});

/** Height and width of what is not padding: a gradient has no pixel that normalises to zero in all channels. */
function filledSize(pixels: Float32Array): [number, number] {
  const plane = FRAME * FRAME;
  const isFilled = (x: number, y: number) =>
    [0, 1, 2].some((channel) => pixels[channel * plane + y * FRAME + x] !== 0);
  const sides = Array.from({ length: FRAME }, (_, position) => position);
  return [sides.filter((y) => isFilled(0, y)).length, sides.filter((x) => isFilled(x, 0)).length];
}
