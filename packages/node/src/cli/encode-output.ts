import { basename } from "node:path";
import { type CallOptions, CocoDataset, cutout, type ImageCodec, Mask, overlay } from "@maskery/core";
import type { OutputPlan } from "./output-formats.js";
import { roundScore, type Segmentation } from "./segmentation.js";
import type { SourcePicture } from "./source-picture.js";

/** The bytes of the file that the plan asks for. */
export async function encodeOutput(
  plan: OutputPlan,
  found: Segmentation,
  source: SourcePicture,
  codec: ImageCodec,
  options: CallOptions,
): Promise<Uint8Array> {
  const masks = found.masks.map(({ mask }) => mask);
  switch (plan.format) {
    case "mask":
      return codec.encode(Mask.merge(found.best).toGrayImage(), { ...options, format: plan.encoding });
    case "cutout":
      return codec.encode(cutout(await codec.decode(source.bytes, options), Mask.merge(found.best)), {
        ...options,
        format: plan.encoding,
      });
    case "overlay":
      // Later masks lie above: the best one last.
      return codec.encode(overlay(await codec.decode(source.bytes, options), [...masks].reverse()), {
        ...options,
        format: plan.encoding,
      });
    case "rle": {
      const [first, ...others] = masks.map((mask) => mask.toCocoRle());
      return jsonBytes(others.length === 0 ? first : [first, ...others]);
    }
    case "coco":
      return jsonBytes(cocoDataset(found, source.path));
  }
}

/** One picture and its masks in the COCO object detection format; segmentations are compressed run lengths. */
function cocoDataset({ image, model, masks }: Segmentation, path: string): CocoDataset {
  const dataset = new CocoDataset({ description: `Masks by Maskery, model ${model}` });
  const categoryId = dataset.addCategory("object");
  const imageId = dataset.addImage({ fileName: basename(path), ...image });
  for (const { mask } of masks) {
    dataset.addMask({
      imageId,
      categoryId,
      mask,
      score: roundScore(mask.score),
      segmentation: { form: "rle" },
    });
  }
  return dataset;
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value)}\n`);
}
