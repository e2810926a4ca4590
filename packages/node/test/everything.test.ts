import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  createFolderModelStore,
  createNodePlatform,
  createOnnxRuntime,
  type DecodedObject,
  type Decoder,
  type Embedding,
  findModel,
  type LogitsPlane,
  type ModelPlacement,
  placeModelLocally,
  type RgbaImage,
} from "@maskery/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runEverything } from "../../core/src/segment/everything/everything.js";
import type { EverythingContext } from "../../core/src/segment/everything/everything-context.js";
import type { EverythingOptions } from "../../core/src/segment/everything/options.js";
import { maskDifferences, slowMasks } from "../../core/src/segment/everything/parity.test-support.js";

const photo = (name: string) => fileURLToPath(new URL(`../../../examples/photos/${name}`, import.meta.url));

/** Low, so that the small model leaves much to filter, to suppress and to compare. */
const base: EverythingOptions = { pointsPerSide: 10, predIouThresh: 0.3, stabilityScoreThresh: 0.4 };

const platform = createNodePlatform();
let placement: ModelPlacement;
let image: RgbaImage;

beforeAll(async () => {
  const { spec, folder } = await findModel("nano");
  placement = await placeModelLocally(spec, createFolderModelStore(folder), createOnnxRuntime(), {
    threads: 1,
  });
  image = await platform.codec.decode(await readFile(photo("chelsea.png")));
});
afterAll(async () => {
  await Promise.all([placement.encoder.dispose(), placement.decoder.dispose()]);
});

/** A context over the real model that keeps every answer of the decoder, by crop, point and earlier plane. */
async function recordingContext() {
  const whole = await placement.encoder.encode(image);
  const embeddings: Embedding[] = [whole];
  const answers = new Map<LogitsPlane | undefined, Map<string, DecodedObject>>();
  const key = (crop: number, x: number, y: number) => `${crop} ${x} ${y}`;
  const decoder: Decoder = {
    ...placement.decoder,
    async decode(embedding, prompts, options) {
      const objects = await placement.decoder.decode(embedding, prompts, options);
      prompts.forEach(({ points, mask }, index) => {
        const earlier = mask?.logits;
        if (!answers.has(earlier)) answers.set(earlier, new Map());
        answers
          .get(earlier)!
          .set(key(embeddings.indexOf(embedding), points[0]!.x, points[0]!.y), objects[index]!);
      });
      return objects;
    },
  };
  const context: EverythingContext = {
    image: { width: image.width, height: image.height },
    pixels: async () => image,
    embedding: async () => whole,
    encode: async (crop, options) => {
      const embedding = await placement.encoder.encode(crop, options);
      embeddings.push(embedding);
      return embedding;
    },
    decoder,
    output: platform,
    now: () => performance.now(),
  };
  const replay = (
    crop: number,
    points: readonly (readonly [number, number])[],
    planes?: readonly LogitsPlane[],
  ) => points.map(([x, y], index) => answers.get(planes?.[index])!.get(key(crop, x, y))!);
  return { context, replay };
}

describe("automatic masks of the built-in model", () => {
  it.each<[string, EverythingOptions]>([
    ["the whole picture", base],
    [
      "the whole picture, preset sam, small regions removed",
      { ...base, preset: "sam", minMaskRegionArea: 200 },
    ],
    ["small regions of the logits removed", { ...base, minMaskRegionArea: 12 }],
    ["crops", { ...base, pointsPerSide: 6, cropNLayers: 1 }],
    [
      "crops, preset sam",
      {
        ...base,
        preset: "sam",
        pointsPerSide: 6,
        cropNLayers: 1,
        cropNmsThresh: 0.5,
        minMaskRegionArea: 100,
      },
    ],
    ["mask to mask", { ...base, pointsPerSide: 5, useM2m: true }],
  ])(
    "equal those of the slow implementation on the same decoder outputs: %s",
    { timeout: 120_000 },
    async (_name, options) => {
      const { context, replay } = await recordingContext();
      const masks = await runEverything(context, options).toArray();
      expect(masks.length).toBeGreaterThan(1);
      expect(maskDifferences(masks, await slowMasks(context.image, options, replay))).toEqual([]);
    },
  );

  it("cover the picture with masks that become files", async () => {
    const { context } = await recordingContext();
    const [mask] = await runEverything(context, base).toArray();
    const png = await mask!.mask.toPng();
    expect(Array.from(png.subarray(1, 4))).toEqual(Array.from("PNG", (letter) => letter.charCodeAt(0)));
  });
});
